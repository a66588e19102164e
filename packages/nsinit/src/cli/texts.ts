/** Where files are looked for and written; part of the help of `exec`. */
export const placesText = `Where things are:
    The configuration is, in this order: the file of --config; container.json in the directory of --root, when it is
    given and holds one; container.json in the current directory; the built-in template. Flags of a new container
    override it. A file that names no root file system means the directory in which it lies, but the one of --root
    means the current directory.
    The state that counts is under --root. When that directory was given for its container.json and lies in the root
    file system, whose processes could change it, the state is in the default directory instead. The default of users
    other than root is nsinit in XDG_RUNTIME_DIR, or else nsinit-UID among the temporary files.
    While a container lives, state.json and .nspid (the id of its first process) stand for people and programs to see
    in the directory of the container.json that was found in --root or in the current directory, or else in the root
    file system. They are not read back. --no-state-files leaves them out.

Which container:
    When a container of the id lives, the command runs in it, and flags of a new container are not looked at. Without
    --id, one that was started from another root file system is not joined: give one of them an id. What an ended
    container left behind is removed first.

Without root:
    The container gets a user namespace in which the user is root. The ids of /etc/subuid and /etc/subgid follow, when
    there are any and newuidmap and newgidmap are installed. "nsinit check" tells what is missing.

Exit code:
    That of the command; 128 and the number of the signal that ended it; 126 when it could not be executed, 127 when it
    was not found; 1 for other failures.

Signals:
    All are forwarded to the command, except KILL, STOP, CHLD, TTIN, TTOU, PROF, the real-time ones, and those of faults
    (SEGV, BUS, FPE, ILL). When nsinit itself is killed the container lives on, unless --parent-death-signal is given.`;

/** About `nsinit stats`. */
export const statsText = `Counters are exact integers of up to 64 bits: read them with a parser that keeps them. Times are nanoseconds, sizes
bytes. What the kernel does not count is left out. The configuration needs a cgroups section, as the template has one.`;

/** About `nsinit pause`. */
export const pauseText = `They stay so, with their memory and files, until "nsinit unpause" or the end of the container. Meanwhile "nsinit exec"
starts nothing in it. The configuration needs a cgroups section, as the built-in template has one.`;

/** About `nsinit checkpoint`. */
export const checkpointText = `The processes end, unless --leave-running is given, and the container is checkpointed: "nsinit restore" lets it go on,
here or where the images and the root file system were copied to. When it fails the container runs on as before. It
needs criu(8), which --criu names. How long the processes stood still, and what was written, is told on the standard
error output.`;

/** About `nsinit restore`. */
export const restoreText = `A container of the id is restored, or else one is made from the configuration, as "nsinit exec" finds it, with the
saved processes. Its standard streams are those of this command, and so is the exit code; signals are forwarded. A
container that was started with --tty is restored with --tty. When it fails the images stay as they are, and nothing
else is left; SIGHUP, SIGINT, SIGQUIT and SIGTERM make it fail until the processes go on.

Flags of other runtimes that are not needed here: a container has no bundle, but --config and --root; its first process
is always the child of a supervisor of its own, hence no --no-subreaper; criu changes the root of restored processes in
a way of its own, hence no --no-pivot; and a terminal ends with the nsinit that shows it, hence no --console-socket to
hand one over at.`;

/** About `nsinit destroy`. */
export const destroyText = `What goes is the state, the control group, interfaces of the host that were made for the container, and what a restore
would have gone on with; the id is free then. Root file system and images of "nsinit checkpoint" stay where they are. An
ended container is mostly removed by the "nsinit exec" that started it; this is for one that nobody attended to the end,
or that is checkpointed and not wanted any more.`;

/** About `nsinit oom`. */
export const oomText = `The line is "OOM notification received". The command ends with the last process of the container's control group.`;

/** About `nsinit plan`. */
export const planText = `The start of a new container is printed, whether one lives already or not. Nothing is started and no privilege is
needed. Mounts that the configuration lacks and that are added are listed first. Behind the calls stands what is done
about control groups and network interfaces from outside, as commands that would do the same; last, what the system call
filter does, when there is one, and what it does on the calls of --explain.`;

/** About `nsinit init`. */
export const initText = `It needs no call by hand: containers are started by a program of system calls that nsexec executes, and this command
is there for callers that name it as the init of a container.`;

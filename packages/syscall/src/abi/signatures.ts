import type { SyscallNumberName } from './numbers.ts';

/**
 * The arguments of every system call that programs use, in the kernel's order and with the man page's names.
 *
 * | kind | what it takes |
 * | --- | --- |
 * | `fd` | a file descriptor |
 * | `pid` | a process id |
 * | `int` | a number; `int=` may be left out and is 0 then |
 * | `mode` | a file mode, printed in octal |
 * | `flags T`, `enum T` | names of the table T of constants |
 * | `path`, `path?` | a string; `?` means that null is allowed |
 * | `struct S`, `struct? S` | the fields of the structure S, or memory that holds one |
 * | `buf`, `buf?` | memory |
 * | `buf\|int` | memory, a number, or null |
 * | `strv` | a list of strings, ended by a null pointer |
 * | `gids` | a list of 32-bit ids |
 * | `sizeof a`, `lengthof a`, `countof a` | filled in from the argument `a` |
 * | `zero` | always 0 |
 *
 * `returns` says what the result is: `fd`, `pid`, or nothing but success (`int`).
 */
export const signatures = {
  read: { args: { fd: 'fd', buf: 'buf', count: 'lengthof buf' }, returns: 'int' },
  write: { args: { fd: 'fd', buf: 'buf', count: 'lengthof buf' }, returns: 'int' },
  pread64: { args: { fd: 'fd', buf: 'buf', count: 'lengthof buf', offset: 'int' }, returns: 'int' },
  pwrite64: { args: { fd: 'fd', buf: 'buf', count: 'lengthof buf', offset: 'int' }, returns: 'int' },
  close: { args: { fd: 'fd' }, returns: 'int' },
  close_range: { args: { first: 'int', last: 'int', flags: 'flags close_range' }, returns: 'int' },
  dup3: { args: { oldfd: 'fd', newfd: 'fd', flags: 'flags new_fd' }, returns: 'fd' },
  fcntl: { args: { fd: 'fd', op: 'enum fcntl', arg: 'int=' }, returns: 'fd' },
  flock: { args: { fd: 'fd', op: 'flags flock' }, returns: 'int' },
  fsync: { args: { fd: 'fd' }, returns: 'int' },
  ftruncate: { args: { fd: 'fd', length: 'int' }, returns: 'int' },
  openat: { args: { dirfd: 'fd', pathname: 'path', flags: 'flags open', mode: 'mode=' }, returns: 'fd' },
  openat2: { args: { dirfd: 'fd', pathname: 'path', how: 'struct open_how', size: 'sizeof how' }, returns: 'fd' },
  mkdirat: { args: { dirfd: 'fd', pathname: 'path', mode: 'mode' }, returns: 'int' },
  mknodat: { args: { dirfd: 'fd', pathname: 'path', mode: 'mode', dev: 'int' }, returns: 'int' },
  symlinkat: { args: { target: 'path', newdirfd: 'fd', linkpath: 'path' }, returns: 'int' },
  unlinkat: { args: { dirfd: 'fd', pathname: 'path', flags: 'flags at' }, returns: 'int' },
  fchownat: { args: { dirfd: 'fd', pathname: 'path', owner: 'int', group: 'int', flags: 'flags at' }, returns: 'int' },
  fchown: { args: { fd: 'fd', owner: 'int', group: 'int' }, returns: 'int' },
  fchmod: { args: { fd: 'fd', mode: 'mode' }, returns: 'int' },
  fchmodat: { args: { dirfd: 'fd', pathname: 'path', mode: 'mode' }, returns: 'int' },
  lsetxattr: {
    args: { path: 'path', name: 'path', value: 'buf', size: 'lengthof value', flags: 'int=' },
    returns: 'int',
  },
  lgetxattr: { args: { path: 'path', name: 'path', value: 'buf', size: 'lengthof value' }, returns: 'int' },
  fsetxattr: {
    args: { fd: 'fd', name: 'path', value: 'buf', size: 'lengthof value', flags: 'int=' },
    returns: 'int',
  },
  fgetxattr: { args: { fd: 'fd', name: 'path', value: 'buf', size: 'lengthof value' }, returns: 'int' },
  umask: { args: { mask: 'mode' }, returns: 'int' },
  chdir: { args: { path: 'path' }, returns: 'int' },
  fchdir: { args: { fd: 'fd' }, returns: 'int' },
  getcwd: { args: { buf: 'buf', size: 'lengthof buf' }, returns: 'int' },
  chroot: { args: { path: 'path' }, returns: 'int' },
  statx: {
    args: { dirfd: 'fd', pathname: 'path', flags: 'flags at', mask: 'flags statx', statxbuf: 'struct statx' },
    returns: 'int',
  },
  fstatfs: { args: { fd: 'fd', buf: 'struct statfs' }, returns: 'int' },
  ioctl: { args: { fd: 'fd', op: 'enum ioctl', argp: 'buf|int' }, returns: 'fd' },
  socket: { args: { domain: 'enum domain', type: 'flags socktype', protocol: 'int' }, returns: 'fd' },
  socketpair: { args: { domain: 'enum domain', type: 'flags socktype', protocol: 'int', sv: 'buf' }, returns: 'int' },
  sendto: {
    args: { sockfd: 'fd', buf: 'buf', len: 'lengthof buf', flags: 'flags msg', dest_addr: 'zero', addrlen: 'zero' },
    returns: 'int',
  },
  recvfrom: {
    args: { sockfd: 'fd', buf: 'buf', len: 'lengthof buf', flags: 'flags msg', src_addr: 'zero', addrlen: 'zero' },
    returns: 'int',
  },
  sendmsg: { args: { sockfd: 'fd', msg: 'struct msghdr', flags: 'flags msg' }, returns: 'int' },
  recvmsg: { args: { sockfd: 'fd', msg: 'struct msghdr', flags: 'flags msg' }, returns: 'int' },
  shutdown: { args: { sockfd: 'fd', how: 'enum shut' }, returns: 'int' },
  bind: { args: { sockfd: 'fd', addr: 'struct sockaddr_nl', addrlen: 'sizeof addr' }, returns: 'int' },
  getsockname: { args: { sockfd: 'fd', addr: 'buf', addrlen: 'buf' }, returns: 'int' },
  setsockopt: {
    args: { sockfd: 'fd', level: 'enum sol', optname: 'int', optval: 'buf', optlen: 'lengthof optval' },
    returns: 'int',
  },
  getsockopt: {
    args: { sockfd: 'fd', level: 'enum sol', optname: 'int', optval: 'buf', optlen: 'buf' },
    returns: 'int',
  },
  pipe2: { args: { pipefd: 'buf', flags: 'flags new_fd' }, returns: 'int' },
  eventfd2: { args: { initval: 'int', flags: 'flags new_fd' }, returns: 'fd' },
  memfd_create: { args: { name: 'path', flags: 'flags memfd' }, returns: 'fd' },
  bpf: { args: { cmd: 'enum bpf_cmd', attr: 'buf', size: 'lengthof attr' }, returns: 'fd' },
  epoll_create1: { args: { flags: 'flags new_fd' }, returns: 'fd' },
  epoll_ctl: { args: { epfd: 'fd', op: 'enum epoll_op', fd: 'fd', event: 'buf' }, returns: 'int' },
  clone3: { args: { cl_args: 'struct clone_args', size: 'sizeof cl_args' }, returns: 'pid' },
  unshare: { args: { flags: 'flags clone' }, returns: 'int' },
  setns: { args: { fd: 'fd', nstype: 'flags clone' }, returns: 'int' },
  execve: { args: { pathname: 'path', argv: 'strv', envp: 'strv' }, returns: 'int' },
  execveat: { args: { dirfd: 'fd', pathname: 'path', argv: 'strv', envp: 'strv', flags: 'flags at' }, returns: 'int' },
  exit_group: { args: { status: 'int' }, returns: 'int' },
  waitid: {
    args: { idtype: 'enum idtype', id: 'fd', infop: 'struct? siginfo', options: 'flags wait', rusage: 'zero' },
    returns: 'int',
  },
  ppoll: {
    args: { fds: 'buf', nfds: 'int', tmo: 'struct? timespec', sigmask: 'zero', sigsetsize: 'zero' },
    returns: 'int',
  },
  pidfd_open: { args: { pid: 'pid', flags: 'int' }, returns: 'fd' },
  pidfd_getfd: { args: { pidfd: 'fd', targetfd: 'int', flags: 'int' }, returns: 'fd' },
  pidfd_send_signal: { args: { pidfd: 'fd', sig: 'int', info: 'zero', flags: 'int' }, returns: 'int' },
  kill: { args: { pid: 'pid', sig: 'int' }, returns: 'int' },
  getpid: { args: {}, returns: 'pid' },
  getppid: { args: {}, returns: 'pid' },
  getuid: { args: {}, returns: 'int' },
  setsid: { args: {}, returns: 'pid' },
  setgroups: { args: { size: 'countof list', list: 'gids' }, returns: 'int' },
  setresuid: { args: { ruid: 'int', euid: 'int', suid: 'int' }, returns: 'int' },
  setresgid: { args: { rgid: 'int', egid: 'int', sgid: 'int' }, returns: 'int' },
  capget: { args: { hdrp: 'struct cap_header', datap: 'struct cap_data' }, returns: 'int' },
  capset: { args: { hdrp: 'struct cap_header', datap: 'struct cap_data' }, returns: 'int' },
  prctl: { args: { op: 'enum prctl', arg2: 'int=', arg3: 'int=', arg4: 'int=', arg5: 'int=' }, returns: 'int' },
  seccomp: { args: { operation: 'int', flags: 'int', args: 'struct? sock_fprog' }, returns: 'fd' },
  landlock_create_ruleset: {
    args: { attr: 'struct? landlock_ruleset_attr', size: 'int', flags: 'flags landlock_create' },
    returns: 'fd',
  },
  landlock_add_rule: {
    args: { ruleset_fd: 'fd', rule_type: 'enum landlock_rule', rule_attr: 'buf', flags: 'int=' },
    returns: 'int',
  },
  landlock_restrict_self: { args: { ruleset_fd: 'fd', flags: 'flags landlock_restrict' }, returns: 'int' },
  prlimit64: {
    args: { pid: 'pid', resource: 'int', new_limit: 'struct? rlimit64', old_limit: 'struct? rlimit64' },
    returns: 'int',
  },
  sethostname: { args: { name: 'path', len: 'lengthof name' }, returns: 'int' },
  setdomainname: { args: { name: 'path', len: 'lengthof name' }, returns: 'int' },
  mount: {
    args: { source: 'path?', target: 'path', filesystemtype: 'path?', mountflags: 'flags mount', data: 'path?' },
    returns: 'int',
  },
  umount2: { args: { target: 'path', flags: 'flags umount' }, returns: 'int' },
  pivot_root: { args: { new_root: 'path', put_old: 'path' }, returns: 'int' },
  fsopen: { args: { fsname: 'path', flags: 'flags fsopen' }, returns: 'fd' },
  fsconfig: {
    args: { fd: 'fd', cmd: 'enum fsconfig', key: 'path?', value: 'path?', aux: 'int=' },
    returns: 'int',
  },
  fsmount: { args: { fsfd: 'fd', flags: 'flags fsmount', attr_flags: 'flags mount_attr' }, returns: 'fd' },
  open_tree: { args: { dirfd: 'fd', path: 'path', flags: 'flags open_tree' }, returns: 'fd' },
  move_mount: {
    args: { from_dirfd: 'fd', from_path: 'path', to_dirfd: 'fd', to_path: 'path', flags: 'flags move_mount' },
    returns: 'int',
  },
  mount_setattr: {
    args: { dirfd: 'fd', path: 'path', flags: 'flags at', attr: 'struct mount_attr', size: 'sizeof attr' },
    returns: 'int',
  },
} as const satisfies Partial<Record<SyscallNumberName, Signature>>;

/** The shape of one row of {@link signatures}. */
export interface Signature {
  readonly args: Readonly<Record<string, string>>;
  readonly returns: ResultKind;
}

/** What a result is. */
export type ResultKind = 'fd' | 'pid' | 'int';

/** A system call that programs can make. */
export type SyscallName = keyof typeof signatures;

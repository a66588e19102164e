/** What CRIU's decisive line looks like, and what a caller can do about it. */
const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/Connected TCP socket, consider using --tcp-established/, 'set tcpEstablished, or tcpClose to give connections up'],
  [/In-flight connection/, 'set tcpSkipInFlight'],
  [/External socket is used\. Consider using --ext-unix-sk/, 'set externalUnixConnections'],
  [/Can't dump half of stream unix connection/, 'set externalUnixConnections'],
  [/[Ff]ile locks are hold|--file-locks/, 'set fileLocks'],
  [/Can't create link remap|link-remap option/, 'set linkRemap'],
  [/dangling tty|--shell-job|controlling terminal|A session leader of \d+\(\d+\) is outside/i, 'set shellJob'],
  [/unreachable sharing/, 'set externalMasters or externalSharing, or name the mount in externalMounts'],
  [/doesn't have a proper root mount/, 'name the mount in externalMounts'],
  [/Mount .* not found in .*images|No mapping for .* mountpoint/i, 'name the mount in externalMounts'],
  [/[Gg]host file .* is too big|increase (?:the )?ghost.limit|ghost-limit/, 'set ghostLimitBytes higher'],
  [
    /Unexpected rt vDSO area bounds|Can't (?:find|parse) vdso|rt-vdso/i,
    'this criu is too old for the kernel: install a newer one',
  ],
  [/iptables-restore|nft.*(?:not found|No such file)/, "set networkLock: 'nftables' or 'skip', or install iptables"],
  [/Page server.*(?:bind|Address already in use)|Can't bind/i, 'choose another port for the page server'],
  [
    /Tracing is already in progress|ptrace.*EPERM|already traced|is already being traced|seize task .*: Operation not permitted/i,
    'another debugger traces the process: end it first',
  ],
  [/anon_inode:\[io_uring\]|Found io_uring|perf_event/i, 'the process must close it before the dump'],
  [
    /userfaultfd.*(?:not supported|Operation not permitted)/i,
    'lazy pages need userfaultfd(2): see vm.unprivileged_userfaultfd',
  ],
  [/Can't lookup mount|freezer|freeze cgroup/i, 'name the cgroup in freezeCgroup'],
  [
    /Memory tracking is not available|dirty tracking|soft-dirty/i,
    'the kernel has no CONFIG_MEM_SOFT_DIRTY: dump without trackMemory and parentImages',
  ],
];

/** What can be done about a failure, or undefined when nothing is known. */
export function remedyFor(text: string): string | undefined {
  return remedies.find(([pattern]) => pattern.test(text))?.[1];
}

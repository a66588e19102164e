/** What CRIU's decisive lines look like, and what a caller can do about it. */
const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/Connected TCP socket, consider using --tcp-established/, 'set tcpEstablished, or tcpClose to give connections up'],
  [/In-flight connection/, 'set tcpSkipInFlight'],
  [
    /sockets: Can't get 1:(?:16|34) opt: Operation not supported/,
    'network sockets need criu 4.2 on Linux 6.16 and newer',
  ],
  [
    /[Cc]an't dump half of stream unix connection/,
    'a stream whose other end is outside cannot be dumped: end the connection first',
  ],
  [/--ext-unix-sk/, 'set externalUnixConnections'],
  [/--file-locks/, 'set fileLocks'],
  [/link-remap option/, 'set linkRemap'],
  [/--shell-job|dangling tty|session leader .* is outside|outside of its pid namespace/, 'set shellJob'],
  [/unreachable sharing|--enable-external-(?:masters|sharing)/, 'set externalMasters or externalSharing'],
  [/doesn't have a proper root mount|No mapping for .* mountpoint/, 'name the mount in externalMounts'],
  [/Can't dump ghost file .* increase limit/, 'set ghostLimitBytes higher'],
  [/Unexpected rt vDSO area bounds/, 'this criu is too old for the kernel: install a newer one'],
  [/Unseizable non-zombie/, 'another debugger traces the process: it must let go first'],
  [/send_fds failed \(-22\)/, 'the process holds an io_uring, which cannot be dumped: it must be closed first'],
  [/Tracking memory is not available/, 'pre-dumps need a kernel with CONFIG_MEM_SOFT_DIRTY'],
  [/Can't connect to server /, 'start a page server at that address first'],
  [/Neither a cgroupv1/, 'freezeCgroup must be the directory of a cgroup that can be frozen'],
  [
    /^page-pipe: (?:tee: \d+: Operation not permitted|splice: -1: Bad file descriptor)/m,
    'a lazy dump needs CAP_SYS_RESOURCE, for its pipes',
  ],
  [/^uffd: connect to lazy-pages\.socket failed/m, 'start criu lazy-pages in the same work directory first'],
  [
    /Unable to open an userfaultfd descriptor/,
    'set the sysctl vm.unprivileged_userfaultfd to 1, or restore without lazyPages: a user namespace may not use it',
  ],
  [/iptables-restore/, "install iptables, or set networkLock to 'nftables' or 'skip'"],
  [/Can't open file .* on restore: No such file/, 'a restore needs the files that were open, at the same paths'],
  [
    /Unable to open \S+\.img: Permission denied/,
    "the images' directory must be open to the user namespace's root: give it to that user",
  ],
  [
    /Unix socket \d+ not found/,
    'a socket of another network namespace cannot be dumped: give the process a pipe or a file in its place',
  ],
  [/has bad size|has bad build-ID|has bad mode/, 'a restore needs the files as they were at the dump'],
];

/** What can be done about a failure, by the lines that tell it; undefined when nothing is known. */
export function remedyFor(text: string): string | undefined {
  return remedies.find(([pattern]) => pattern.test(text))?.[1];
}

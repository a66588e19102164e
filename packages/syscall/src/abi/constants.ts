import type { PerArch } from './arch.ts';

/**
 * The kernel's constants, one table per argument that takes them, named as in the header that the comment above a
 * table gives. A table of flags is combined with `|`; a table marked as one of a kind is picked from.
 */
export const constants = {
  /** fcntl.h: open(2), openat2(2) */
  open: {
    O_RDONLY: 0,
    O_WRONLY: 0o1,
    O_RDWR: 0o2,
    O_CREAT: 0o100,
    O_EXCL: 0o200,
    O_NOCTTY: 0o400,
    O_TRUNC: 0o1000,
    O_APPEND: 0o2000,
    O_NONBLOCK: 0o4000,
    O_DIRECTORY: [0o200000, 0o40000],
    O_NOFOLLOW: [0o400000, 0o100000],
    O_CLOEXEC: 0o2000000,
    O_PATH: 0o10000000,
  },
  /** fcntl.h: what dup3(2), pipe2(2) and eventfd2(2) take of the above */
  new_fd: { O_NONBLOCK: 0o4000, O_CLOEXEC: 0o2000000 },
  /** linux/openat2.h */
  resolve: {
    RESOLVE_NO_XDEV: 0x01,
    RESOLVE_NO_MAGICLINKS: 0x02,
    RESOLVE_NO_SYMLINKS: 0x04,
    RESOLVE_BENEATH: 0x08,
    RESOLVE_IN_ROOT: 0x10,
  },
  /** linux/fcntl.h: the AT_ flags of the *at calls; open_tree's own flags share the argument */
  at: {
    AT_SYMLINK_NOFOLLOW: 0x100,
    AT_REMOVEDIR: 0x200,
    AT_EMPTY_PATH: 0x1000,
    AT_RECURSIVE: 0x8000,
  },
  /** linux/mount.h: open_tree(2) */
  open_tree: {
    OPEN_TREE_CLONE: 1,
    OPEN_TREE_CLOEXEC: 0o2000000,
    AT_SYMLINK_NOFOLLOW: 0x100,
    AT_EMPTY_PATH: 0x1000,
    AT_RECURSIVE: 0x8000,
  },
  /** linux/mount.h: move_mount(2) */
  move_mount: {
    MOVE_MOUNT_F_SYMLINKS: 0x01,
    MOVE_MOUNT_F_EMPTY_PATH: 0x04,
    MOVE_MOUNT_T_SYMLINKS: 0x10,
    MOVE_MOUNT_T_EMPTY_PATH: 0x40,
  },
  /** linux/mount.h: fsopen(2), fsmount(2) */
  fsopen: { FSOPEN_CLOEXEC: 1 },
  fsmount: { FSMOUNT_CLOEXEC: 1 },
  /** linux/mount.h: fsconfig(2); one of a kind */
  fsconfig: {
    FSCONFIG_SET_FLAG: 0,
    FSCONFIG_SET_STRING: 1,
    FSCONFIG_SET_BINARY: 2,
    FSCONFIG_SET_PATH: 3,
    FSCONFIG_SET_PATH_EMPTY: 4,
    FSCONFIG_SET_FD: 5,
    FSCONFIG_CMD_CREATE: 6,
    FSCONFIG_CMD_RECONFIGURE: 7,
  },
  /** linux/mount.h: mount_setattr(2), fsmount(2) */
  mount_attr: {
    MOUNT_ATTR_RDONLY: 0x01,
    MOUNT_ATTR_NOSUID: 0x02,
    MOUNT_ATTR_NODEV: 0x04,
    MOUNT_ATTR_NOEXEC: 0x08,
    MOUNT_ATTR__ATIME: 0x70,
    MOUNT_ATTR_RELATIME: 0,
    MOUNT_ATTR_NOATIME: 0x10,
    MOUNT_ATTR_STRICTATIME: 0x20,
    MOUNT_ATTR_NODIRATIME: 0x80,
    MOUNT_ATTR_IDMAP: 0x100000,
    MOUNT_ATTR_NOSYMFOLLOW: 0x200000,
  },
  /** sys/mount.h: mount(2) */
  mount: {
    MS_RDONLY: 1,
    MS_NOSUID: 2,
    MS_NODEV: 4,
    MS_NOEXEC: 8,
    MS_SYNCHRONOUS: 16,
    MS_REMOUNT: 32,
    MS_MANDLOCK: 64,
    MS_DIRSYNC: 128,
    MS_NOSYMFOLLOW: 256,
    MS_NOATIME: 1024,
    MS_NODIRATIME: 2048,
    MS_BIND: 4096,
    MS_MOVE: 8192,
    MS_REC: 16384,
    MS_SILENT: 32768,
    MS_UNBINDABLE: 1 << 17,
    MS_PRIVATE: 1 << 18,
    MS_SLAVE: 1 << 19,
    MS_SHARED: 1 << 20,
    MS_RELATIME: 1 << 21,
    MS_I_VERSION: 1 << 23,
    MS_STRICTATIME: 1 << 24,
    MS_LAZYTIME: 1 << 25,
  },
  /** sys/mount.h: umount2(2) */
  umount: { MNT_FORCE: 1, MNT_DETACH: 2, MNT_EXPIRE: 4, UMOUNT_NOFOLLOW: 8 },
  /** linux/sched.h: clone3(2), unshare(2), setns(2) */
  clone: {
    CLONE_NEWTIME: 0x80,
    CLONE_VM: 0x100,
    CLONE_FS: 0x200,
    CLONE_FILES: 0x400,
    CLONE_PIDFD: 0x1000,
    CLONE_VFORK: 0x4000,
    CLONE_PARENT: 0x8000,
    CLONE_NEWNS: 0x20000,
    CLONE_NEWCGROUP: 0x2000000,
    CLONE_NEWUTS: 0x4000000,
    CLONE_NEWIPC: 0x8000000,
    CLONE_NEWUSER: 0x10000000,
    CLONE_NEWPID: 0x20000000,
    CLONE_NEWNET: 0x40000000,
    CLONE_INTO_CGROUP: 0x200000000,
  },
  /** linux/prctl.h; one of a kind */
  prctl: {
    PR_SET_PDEATHSIG: 1,
    PR_SET_DUMPABLE: 4,
    PR_SET_KEEPCAPS: 8,
    PR_CAPBSET_READ: 23,
    PR_CAPBSET_DROP: 24,
    PR_SET_NAME: 15,
    PR_SET_CHILD_SUBREAPER: 36,
    PR_SET_NO_NEW_PRIVS: 38,
    PR_GET_NO_NEW_PRIVS: 39,
    PR_CAP_AMBIENT: 47,
  },
  /** linux/prctl.h: second argument of PR_CAP_AMBIENT; one of a kind */
  ambient: { PR_CAP_AMBIENT_IS_SET: 1, PR_CAP_AMBIENT_RAISE: 2, PR_CAP_AMBIENT_LOWER: 3, PR_CAP_AMBIENT_CLEAR_ALL: 4 },
  /** linux/wait.h: waitid(2) idtype; one of a kind */
  idtype: { P_ALL: 0, P_PID: 1, P_PGID: 2, P_PIDFD: 3 },
  /** linux/wait.h: waitid(2) options */
  wait: { WNOHANG: 1, WSTOPPED: 2, WEXITED: 4, WCONTINUED: 8, WNOWAIT: 0x01000000 },
  /** linux/memfd.h */
  memfd: { MFD_CLOEXEC: 1, MFD_ALLOW_SEALING: 2, MFD_NOEXEC_SEAL: 8, MFD_EXEC: 16 },
  /** linux/fcntl.h: fcntl(2) commands; one of a kind */
  fcntl: {
    F_DUPFD: 0,
    F_GETFD: 1,
    F_SETFD: 2,
    F_GETFL: 3,
    F_SETFL: 4,
    F_DUPFD_CLOEXEC: 1030,
    F_ADD_SEALS: 1033,
    F_GET_SEALS: 1034,
  },
  /** linux/fcntl.h */
  seal: { F_SEAL_SEAL: 1, F_SEAL_SHRINK: 2, F_SEAL_GROW: 4, F_SEAL_WRITE: 8, F_SEAL_FUTURE_WRITE: 16, F_SEAL_EXEC: 32 },
  /** linux/close_range.h */
  close_range: { CLOSE_RANGE_UNSHARE: 2, CLOSE_RANGE_CLOEXEC: 4 },
  /** sys/socket.h: domain; one of a kind */
  domain: { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, AF_NETLINK: 16, AF_PACKET: 17 },
  /** sys/socket.h: type and its flags */
  socktype: {
    SOCK_STREAM: 1,
    SOCK_DGRAM: 2,
    SOCK_RAW: 3,
    SOCK_SEQPACKET: 5,
    SOCK_NONBLOCK: 0o4000,
    SOCK_CLOEXEC: 0o2000000,
  },
  /** sys/socket.h: send(2), recv(2) */
  msg: { MSG_PEEK: 2, MSG_TRUNC: 0x20, MSG_DONTWAIT: 0x40, MSG_NOSIGNAL: 0x4000, MSG_CMSG_CLOEXEC: 0x40000000 },
  /** sys/socket.h: shutdown(2); one of a kind */
  shut: { SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2 },
  /** sys/socket.h: level of setsockopt(2), getsockopt(2); one of a kind */
  sol: { SOL_SOCKET: 1, SOL_NETLINK: 270 },
  /** asm/socket.h: socket(7) options; netlink(7) has options of its own */
  sockopt: { SO_SNDBUF: 7, SO_RCVBUF: 8, SO_RCVTIMEO: 20, SO_SNDBUFFORCE: 32, SO_RCVBUFFORCE: 33 },
  /** asm-generic/ioctls.h, linux/sockios.h, linux/if_tun.h; one of a kind */
  ioctl: {
    TIOCSCTTY: 0x540e,
    TIOCGPGRP: 0x540f,
    TIOCGWINSZ: 0x5413,
    TIOCSWINSZ: 0x5414,
    TIOCGPTN: 0x80045430,
    TIOCSPTLCK: 0x40045431,
    TIOCGPTPEER: 0x5441,
    FIONREAD: 0x541b,
    SIOCSIFFLAGS: 0x8914,
    TUNSETIFF: 0x400454ca,
    TUNSETPERSIST: 0x400454cb,
    TUNSETOWNER: 0x400454cc,
    TUNSETGROUP: 0x400454ce,
  },
  /** asm-generic/resource.h: prlimit(2); one of a kind */
  rlimit: {
    RLIMIT_CPU: 0,
    RLIMIT_FSIZE: 1,
    RLIMIT_DATA: 2,
    RLIMIT_STACK: 3,
    RLIMIT_CORE: 4,
    RLIMIT_RSS: 5,
    RLIMIT_NPROC: 6,
    RLIMIT_NOFILE: 7,
    RLIMIT_MEMLOCK: 8,
    RLIMIT_AS: 9,
    RLIMIT_LOCKS: 10,
    RLIMIT_SIGPENDING: 11,
    RLIMIT_MSGQUEUE: 12,
    RLIMIT_NICE: 13,
    RLIMIT_RTPRIO: 14,
    RLIMIT_RTTIME: 15,
  },
  /** linux/stat.h: statx(2) mask */
  statx: { STATX_TYPE: 1, STATX_MODE: 2, STATX_UID: 8, STATX_GID: 16, STATX_INO: 0x100, STATX_BASIC_STATS: 0x7ff },
  /** linux/stat.h: file types; one of a kind */
  file_type: {
    S_IFSOCK: 0o140000,
    S_IFLNK: 0o120000,
    S_IFREG: 0o100000,
    S_IFBLK: 0o060000,
    S_IFDIR: 0o040000,
    S_IFCHR: 0o020000,
    S_IFIFO: 0o010000,
  },
  /** sys/file.h: flock(2) */
  flock: { LOCK_SH: 1, LOCK_EX: 2, LOCK_NB: 4, LOCK_UN: 8 },
  /** poll.h */
  poll: { POLLIN: 1, POLLPRI: 2, POLLOUT: 4, POLLERR: 8, POLLHUP: 16 },
  /** asm-generic/siginfo.h: si_code of SIGCHLD; one of a kind */
  cld: { CLD_EXITED: 1, CLD_KILLED: 2, CLD_DUMPED: 3, CLD_TRAPPED: 4, CLD_STOPPED: 5, CLD_CONTINUED: 6 },
  /** linux/eventpoll.h: epoll_ctl(2); one of a kind */
  epoll_op: { EPOLL_CTL_ADD: 1, EPOLL_CTL_DEL: 2, EPOLL_CTL_MOD: 3 },
  /** linux/bpf.h: bpf(2); one of a kind */
  bpf_cmd: {
    BPF_PROG_LOAD: 5,
    BPF_PROG_ATTACH: 8,
    BPF_PROG_DETACH: 9,
    BPF_PROG_GET_FD_BY_ID: 13,
    BPF_OBJ_GET_INFO_BY_FD: 15,
    BPF_PROG_QUERY: 16,
  },
  /** linux/bpf.h: enum bpf_prog_type; one of a kind */
  bpf_prog_type: { BPF_PROG_TYPE_CGROUP_DEVICE: 15 },
  /** linux/bpf.h: enum bpf_attach_type; one of a kind */
  bpf_attach_type: { BPF_CGROUP_DEVICE: 6 },
  /** linux/bpf.h: flags of BPF_PROG_ATTACH */
  bpf_attach: { BPF_F_ALLOW_OVERRIDE: 1, BPF_F_ALLOW_MULTI: 2, BPF_F_REPLACE: 4 },
  /** linux/landlock.h: landlock_create_ruleset(2) */
  landlock_create: { LANDLOCK_CREATE_RULESET_VERSION: 1 },
  /** linux/landlock.h: enum landlock_rule_type; one of a kind */
  landlock_rule: { LANDLOCK_RULE_PATH_BENEATH: 1, LANDLOCK_RULE_NET_PORT: 2 },
  /** linux/landlock.h: rights on files, in the order in which kernels got them */
  landlock_fs: {
    LANDLOCK_ACCESS_FS_EXECUTE: 1,
    LANDLOCK_ACCESS_FS_WRITE_FILE: 2,
    LANDLOCK_ACCESS_FS_READ_FILE: 4,
    LANDLOCK_ACCESS_FS_READ_DIR: 8,
    LANDLOCK_ACCESS_FS_REMOVE_DIR: 0x10,
    LANDLOCK_ACCESS_FS_REMOVE_FILE: 0x20,
    LANDLOCK_ACCESS_FS_MAKE_CHAR: 0x40,
    LANDLOCK_ACCESS_FS_MAKE_DIR: 0x80,
    LANDLOCK_ACCESS_FS_MAKE_REG: 0x100,
    LANDLOCK_ACCESS_FS_MAKE_SOCK: 0x200,
    LANDLOCK_ACCESS_FS_MAKE_FIFO: 0x400,
    LANDLOCK_ACCESS_FS_MAKE_BLOCK: 0x800,
    LANDLOCK_ACCESS_FS_MAKE_SYM: 0x1000,
    LANDLOCK_ACCESS_FS_REFER: 0x2000,
    LANDLOCK_ACCESS_FS_TRUNCATE: 0x4000,
    LANDLOCK_ACCESS_FS_IOCTL_DEV: 0x8000,
  },
  /** linux/landlock.h: rights on TCP ports, since Linux 6.7 */
  landlock_net: { LANDLOCK_ACCESS_NET_BIND_TCP: 1, LANDLOCK_ACCESS_NET_CONNECT_TCP: 2 },
  /** linux/landlock.h: what cannot be reached outside, since Linux 6.12 */
  landlock_scope: { LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET: 1, LANDLOCK_SCOPE_SIGNAL: 2 },
  /** linux/landlock.h: landlock_restrict_self(2), since Linux 6.15 */
  landlock_restrict: {
    LANDLOCK_RESTRICT_SELF_LOG_SAME_EXEC_OFF: 1,
    LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON: 2,
    LANDLOCK_RESTRICT_SELF_LOG_SUBDOMAINS_OFF: 4,
  },
  /** linux/magic.h: statfs(2) f_type; one of a kind */
  magic: {
    PROC_SUPER_MAGIC: 0x9fa0,
    DEVPTS_SUPER_MAGIC: 0x1cd1,
    TMPFS_MAGIC: 0x01021994,
    SYSFS_MAGIC: 0x62656572,
    NSFS_MAGIC: 0x6e736673,
    CGROUP2_SUPER_MAGIC: 0x63677270,
  },
} as const satisfies Record<string, Record<string, PerArch>>;

/** The name of a table of {@link constants}. */
export type ConstantTable = keyof typeof constants;

/** The name of a constant in one table. */
export type ConstantName<T extends ConstantTable> = Extract<keyof (typeof constants)[T], string>;

/** Flags of one table: their names, or the number itself when it comes from a configuration. */
export type Flags<T extends ConstantTable> = readonly ConstantName<T>[] | number;

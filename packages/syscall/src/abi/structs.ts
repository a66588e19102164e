import type { ConstantTable, Flags } from './constants.ts';

/**
 * The structures that system calls read and write, in declaration order; offsets follow from natural alignment,
 * which is that of both architectures. A field is one of
 * `u8 u16 u32 u64 s16 s32 s64`, `u64 flags TABLE`, `u64 octal`, `ptr`, `char[N]` (NUL padded).
 */
export const structs = {
  /** linux/openat2.h */
  open_how: { flags: 'u64 flags open', mode: 'u64 octal', resolve: 'u64 flags resolve' },
  /** linux/sched.h */
  clone_args: {
    flags: 'u64 flags clone',
    pidfd: 'ptr',
    child_tid: 'ptr',
    parent_tid: 'ptr',
    exit_signal: 'u64',
    stack: 'u64',
    stack_size: 'u64',
    tls: 'u64',
    set_tid: 'ptr',
    set_tid_size: 'u64',
    cgroup: 'u64',
  },
  /** linux/mount.h */
  mount_attr: {
    attr_set: 'u64 flags mount_attr',
    attr_clr: 'u64 flags mount_attr',
    propagation: 'u64 flags mount',
    userns_fd: 'u64',
  },
  /** bits/types/struct_iovec.h */
  iovec: { iov_base: 'ptr', iov_len: 'u64' },
  /** linux/socket.h: struct user_msghdr */
  msghdr: {
    msg_name: 'ptr',
    msg_namelen: 's32',
    msg_iov: 'ptr',
    msg_iovlen: 'u64',
    msg_control: 'ptr',
    msg_controllen: 'u64',
    msg_flags: 's32',
  },
  /** linux/socket.h: struct cmsghdr with one SCM_RIGHTS descriptor behind it */
  cmsg_fd: { cmsg_len: 'u64', cmsg_level: 's32', cmsg_type: 's32', fd: 's32', padding: 's32' },
  /** linux/netlink.h */
  sockaddr_nl: { nl_family: 'u16', nl_pad: 'u16', nl_pid: 'u32', nl_groups: 'u32' },
  /** linux/resource.h */
  rlimit64: { rlim_cur: 'u64', rlim_max: 'u64' },
  /** linux/capability.h: struct __user_cap_header_struct */
  cap_header: { version: 'u32', pid: 's32' },
  /** linux/capability.h: two of struct __user_cap_data_struct, the low 32 capabilities first */
  cap_data: {
    effective_low: 'u32',
    permitted_low: 'u32',
    inheritable_low: 'u32',
    effective_high: 'u32',
    permitted_high: 'u32',
    inheritable_high: 'u32',
  },
  /** poll.h, two of them: what a supervisor watches */
  pollfd: { fd: 's32', events: 's16', revents: 's16' },
  /** asm-generic/siginfo.h: the part of SIGCHLD's siginfo_t that waitid(2) fills, of 128 bytes */
  siginfo: {
    si_signo: 's32',
    si_errno: 's32',
    si_code: 's32',
    __pad0: 's32',
    si_pid: 's32',
    si_uid: 'u32',
    si_status: 's32',
    __rest: 'char[100]',
  },
  /** linux/stat.h */
  statx: {
    stx_mask: 'u32',
    stx_blksize: 'u32',
    stx_attributes: 'u64',
    stx_nlink: 'u32',
    stx_uid: 'u32',
    stx_gid: 'u32',
    stx_mode: 'u16',
    __spare0: 'u16',
    stx_ino: 'u64',
    stx_size: 'u64',
    stx_blocks: 'u64',
    stx_attributes_mask: 'u64',
    __times: 'char[64]',
    stx_rdev_major: 'u32',
    stx_rdev_minor: 'u32',
    stx_dev_major: 'u32',
    stx_dev_minor: 'u32',
    stx_mnt_id: 'u64',
    __spare2: 'char[104]',
  },
  /** asm-generic/statfs.h */
  statfs: {
    f_type: 's64',
    f_bsize: 's64',
    f_blocks: 'u64',
    f_bfree: 'u64',
    f_bavail: 'u64',
    f_files: 'u64',
    f_ffree: 'u64',
    f_fsid: 'u64',
    f_namelen: 's64',
    f_frsize: 's64',
    f_flags: 's64',
    f_spare: 'char[32]',
  },
  /** asm-generic/termios.h */
  winsize: { ws_row: 'u16', ws_col: 'u16', ws_xpixel: 'u16', ws_ypixel: 'u16' },
  /** linux/if.h: struct ifreq with ifr_flags */
  ifreq_flags: { ifr_name: 'char[16]', ifr_flags: 's16', __rest: 'char[22]' },
  /** linux/time_types.h */
  timespec: { tv_sec: 's64', tv_nsec: 's64' },
  /** linux/filter.h: on 64-bit machines the pointer is aligned to 8 */
  sock_fprog: { len: 'u16', filter: 'ptr' },
  /** linux/landlock.h; the second field since Linux 6.7, the third since 6.12 */
  landlock_ruleset_attr: {
    handled_access_fs: 'u64 flags landlock_fs',
    handled_access_net: 'u64 flags landlock_net',
    scoped: 'u64 flags landlock_scope',
  },
  /** linux/landlock.h; packed there, so that it ends after 12 bytes */
  landlock_path_beneath_attr: { allowed_access: 'u64 flags landlock_fs', parent_fd: 's32' },
  /** linux/landlock.h, since Linux 6.7 */
  landlock_net_port_attr: { allowed_access: 'u64 flags landlock_net', port: 'u64' },
} as const satisfies Record<string, Record<string, string>>;

/** The name of a structure in {@link structs}. */
export type StructName = keyof typeof structs;

/** The name of a field of one structure. */
export type FieldName<S extends StructName> = Extract<keyof (typeof structs)[S], string>;

type FieldValue<F, P> = F extends `${string} flags ${infer T extends ConstantTable}`
  ? Flags<T>
  : F extends 'ptr'
    ? P
    : F extends `char[${string}`
      ? string
      : number | bigint;

/**
 * What may be given for one structure: any of its fields, 0 for those left out. `P` is what a pointer field takes
 * (a place in a program's data, or an address).
 */
export type StructInput<S extends StructName, P> = {
  readonly [K in FieldName<S>]?: FieldValue<(typeof structs)[S][K], P>;
};

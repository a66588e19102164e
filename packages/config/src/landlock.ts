/** Rights on files, as linux/landlock.h names them, in lower case and in the order in which kernels got them. */
export const LANDLOCK_FILE_RIGHTS = [
  'execute',
  'write_file',
  'read_file',
  'read_dir',
  'remove_dir',
  'remove_file',
  'make_char',
  'make_dir',
  'make_reg',
  'make_sock',
  'make_fifo',
  'make_block',
  'make_sym',
  'refer',
  'truncate',
  'ioctl_dev',
] as const;

/** One of {@link LANDLOCK_FILE_RIGHTS}. */
export type LandlockFileRight = (typeof LANDLOCK_FILE_RIGHTS)[number];

/** Several rights under one name: reading files and directories; changing, making and removing all but device nodes. */
export const LANDLOCK_FILE_GROUPS = ['read', 'write'] as const;

/** One of {@link LANDLOCK_FILE_GROUPS}. */
export type LandlockFileGroup = (typeof LANDLOCK_FILE_GROUPS)[number];

/** Rights on TCP ports. */
export const LANDLOCK_PORT_RIGHTS = ['bind_tcp', 'connect_tcp'] as const;

/** One of {@link LANDLOCK_PORT_RIGHTS}. */
export type LandlockPortRight = (typeof LANDLOCK_PORT_RIGHTS)[number];

/** What cannot be reached outside of a process and its descendants. */
export const LANDLOCK_SCOPES = ['abstract_unix_socket', 'signal'] as const;

/** One of {@link LANDLOCK_SCOPES}. */
export type LandlockScope = (typeof LANDLOCK_SCOPES)[number];

/** Changes to what the audit log tells of denials. */
export const LANDLOCK_LOG_FLAGS = ['same_exec_off', 'new_exec_on', 'subdomains_off'] as const;

/** One of {@link LANDLOCK_LOG_FLAGS}. */
export type LandlockLogFlag = (typeof LANDLOCK_LOG_FLAGS)[number];

/** What becomes of a configuration that the kernel cannot enforce in full. */
export const LANDLOCK_MODES = ['strict', 'best_effort'] as const;

/** One of {@link LANDLOCK_MODES}. */
export type LandlockMode = (typeof LANDLOCK_MODES)[number];

/** What may be done with some files, or everything below some directories. */
export interface LandlockPath {
  /** Absolute paths of the container; symbolic links are followed. */
  readonly paths: readonly string[];
  /** Rights, or groups of them. */
  readonly access: readonly (LandlockFileRight | LandlockFileGroup)[];
  /** True: a path that does not exist is passed over rather than an error. */
  readonly optional?: boolean;
}

/** What may be done with one TCP port. */
export interface LandlockPort {
  /** 0 to 65535. */
  readonly port: number;
  readonly access: readonly LandlockPortRight[];
}

/**
 * What processes give up by landlock(7), for good: everything that is handled is forbidden but for what the rules allow.
 * It holds for root as for others.
 */
export interface Landlock {
  /** `strict`: a kernel that cannot enforce all of it is an error; `best_effort`: it enforces what it can. undefined: strict. */
  readonly mode?: LandlockMode;
  /** The newest version of Landlock that is used, whatever the kernel has; undefined: that of the kernel. */
  readonly abi?: number;
  /** Rights on files that are handled; undefined: all, when there are `paths`, else none. */
  readonly handledFiles?: readonly LandlockFileRight[];
  /** Rights on TCP ports that are handled; undefined: all, when there are `ports`, else none. */
  readonly handledPorts?: readonly LandlockPortRight[];
  /** Files that may be used; an empty list allows none. */
  readonly paths?: readonly LandlockPath[];
  /** TCP ports that may be used; an empty list allows none. */
  readonly ports?: readonly LandlockPort[];
  /** What cannot be reached outside. */
  readonly scopes?: readonly LandlockScope[];
  /** Changes to the audit log. */
  readonly log?: readonly LandlockLogFlag[];
}

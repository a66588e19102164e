import { constants } from '@nsinit/syscall';

/** The newest version of Landlock that this package uses. */
export const NEWEST_ABI = 7;

/** The kernel that came with each version of Landlock, from version 1. landlock(7) */
export const ABI_KERNELS = ['5.13', '5.19', '6.2', '6.7', '6.10', '6.12', '6.15'] as const;

/**
 * Rights on files and directories, by the kernel's names in lower case, each with the first version of Landlock that can
 * withhold it. In older ones everybody has the right, but for `refer`, which nobody has in version 1. landlock(7)
 */
export const FILE_RIGHTS = {
  /** Execute a file. */
  execute: 1,
  /** Open a file for writing. */
  write_file: 1,
  /** Open a file for reading. */
  read_file: 1,
  /** Open a directory, or list it. */
  read_dir: 1,
  /** Remove or rename a directory in this one. */
  remove_dir: 1,
  /** Remove or rename a file in this directory. */
  remove_file: 1,
  /** Make a character device in this directory. */
  make_char: 1,
  /** Make a directory in this one. */
  make_dir: 1,
  /** Make a regular file in this directory. */
  make_reg: 1,
  /** Make a Unix socket in this directory. */
  make_sock: 1,
  /** Make a named pipe in this directory. */
  make_fifo: 1,
  /** Make a block device in this directory. */
  make_block: 1,
  /** Make a symbolic link in this directory. */
  make_sym: 1,
  /** Link or rename a file from or to another directory. */
  refer: 2,
  /** Shorten a file. */
  truncate: 3,
  /** Use ioctl(2) on a device. */
  ioctl_dev: 5,
} as const;

/** One of {@link FILE_RIGHTS}. */
export type FileRight = keyof typeof FILE_RIGHTS;

/** Several rights under one name. */
export const FILE_RIGHT_GROUPS = {
  /** Read files and directories. */
  read: ['read_file', 'read_dir'],
  /** Change files, make and remove all but device nodes, and control devices that are there. */
  write: [
    'write_file',
    'remove_dir',
    'remove_file',
    'make_dir',
    'make_reg',
    'make_sock',
    'make_fifo',
    'make_sym',
    'refer',
    'truncate',
    'ioctl_dev',
  ],
} as const satisfies Record<string, readonly FileRight[]>;

/** One of {@link FILE_RIGHT_GROUPS}. */
export type FileRightGroup = keyof typeof FILE_RIGHT_GROUPS;

/** Rights on TCP ports, each with the first version of Landlock that can withhold it. */
export const PORT_RIGHTS = {
  /** Bind a socket to the port. */
  bind_tcp: 4,
  /** Connect to the port, of whatever host. */
  connect_tcp: 4,
} as const;

/** One of {@link PORT_RIGHTS}. */
export type PortRight = keyof typeof PORT_RIGHTS;

/** What cannot be reached outside of the process and its descendants, each with the first version that has it. */
export const SCOPES = {
  /** Connect or send to an abstract Unix socket. */
  abstract_unix_socket: 6,
  /** Send a signal. */
  signal: 6,
} as const;

/** One of {@link SCOPES}. */
export type Scope = keyof typeof SCOPES;

/** Changes to what the audit log tells of denials, each with the first version that has it. */
export const LOG_FLAGS = {
  /** Nothing of the process until it executes another program. */
  same_exec_off: 7,
  /** Denials also after it has executed another program. */
  new_exec_on: 7,
  /** Nothing of restrictions that the program puts on itself. */
  subdomains_off: 7,
} as const;

/** One of {@link LOG_FLAGS}. */
export type LogFlag = keyof typeof LOG_FLAGS;

/** Rights that can be given on a file that is no directory. */
export const RIGHTS_OF_FILES: readonly FileRight[] = ['execute', 'write_file', 'read_file', 'truncate', 'ioctl_dev'];

/** Names of one table, as the bits of the kernel. */
export const bits = {
  file: (names: readonly FileRight[]): number =>
    sum(names, (name) => constants.landlock_fs[`LANDLOCK_ACCESS_FS_${upper(name)}`]),
  port: (names: readonly PortRight[]): number =>
    sum(names, (name) => constants.landlock_net[`LANDLOCK_ACCESS_NET_${upper(name)}`]),
  scope: (names: readonly Scope[]): number =>
    sum(names, (name) => constants.landlock_scope[`LANDLOCK_SCOPE_${upper(name)}`]),
  log: (names: readonly LogFlag[]): number =>
    sum(names, (name) => constants.landlock_restrict[`LANDLOCK_RESTRICT_SELF_LOG_${upper(name)}`]),
} as const;

const upper = <const T extends string>(name: T): Uppercase<T> => name.toUpperCase() as Uppercase<T>;

const sum = <T>(names: readonly T[], bit: (name: T) => number): number =>
  names.reduce((total, name) => total | bit(name), 0);

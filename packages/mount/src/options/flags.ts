/**
 * Flags of mount(2), from linux/mount.h. The values are the same on every architecture. A flag word is a number from 0
 * to 2^32-1; combine flags with `|` and, when MS_NOUSER may be among them, make the result unsigned with `>>> 0`.
 */
export const MountFlag = {
  /** Mount read-only: with MS_BIND|MS_REMOUNT this mount alone, else the file system itself. */
  MS_RDONLY: 1,
  /** Ignore set-user-ID and set-group-ID bits and file capabilities of programs. */
  MS_NOSUID: 2,
  /** Refuse to open device files. */
  MS_NODEV: 4,
  /** Refuse to execute programs. */
  MS_NOEXEC: 8,
  /** Write at once, as if every file were opened with O_SYNC. */
  MS_SYNCHRONOUS: 16,
  /** Change flags and data of an existing mount instead of making one. */
  MS_REMOUNT: 32,
  /** Allow mandatory file locks; without effect since Linux 5.15. */
  MS_MANDLOCK: 64,
  /** Write changes of directories at once. */
  MS_DIRSYNC: 128,
  /** Do not follow symbolic links on this mount; needs Linux 5.10. */
  MS_NOSYMFOLLOW: 256,
  /** Do not update access times. */
  MS_NOATIME: 1024,
  /** Do not update access times of directories. */
  MS_NODIRATIME: 2048,
  /** Make an existing directory or file visible at another place too. */
  MS_BIND: 4096,
  /** Move an existing mount to another place. */
  MS_MOVE: 8192,
  /** With MS_BIND or a propagation flag: the same for all mounts below. */
  MS_REC: 16384,
  /** Keep some warnings out of the kernel log; once called MS_VERBOSE. */
  MS_SILENT: 32768,
  /** The umask is not applied, the file system has POSIX ACLs; set by the file system, not by callers. */
  MS_POSIXACL: 1 << 16,
  /** Make the mount private and refuse bind mounts of it. */
  MS_UNBINDABLE: 1 << 17,
  /** Neither send nor receive mount events. */
  MS_PRIVATE: 1 << 18,
  /** Receive mount events from the former peers, send none. */
  MS_SLAVE: 1 << 19,
  /** Send mount events to all peers and receive theirs. */
  MS_SHARED: 1 << 20,
  /** Update an access time only when it is older than the modification or than a day; the kernel's default. */
  MS_RELATIME: 1 << 21,
  /** The mount belongs to the kernel itself; not for callers. */
  MS_KERNMOUNT: 1 << 22,
  /** Count changes of a file in the i_version field of its inode. */
  MS_I_VERSION: 1 << 23,
  /** Update access times on every access; wins over MS_NOATIME and MS_RELATIME. */
  MS_STRICTATIME: 1 << 24,
  /** Keep changed file times in memory until the inode is written for another reason. */
  MS_LAZYTIME: 1 << 25,
  /** The file system is an automatic submount of another; kernel internal. */
  MS_SUBMOUNT: 1 << 26,
  /** File locks are local, not the remote server's; kernel internal. */
  MS_NOREMOTELOCK: 1 << 27,
  /** No file of this file system has security attributes; kernel internal. */
  MS_NOSEC: 1 << 28,
  /** The superblock is set up; kernel internal. */
  MS_BORN: 1 << 29,
  /** The superblock is in use; kernel internal. */
  MS_ACTIVE: 1 << 30,
  /** User space cannot mount this file system; kernel internal. */
  MS_NOUSER: 2 ** 31,
} as const;

/** Name of a mount(2) flag. */
export type MountFlagName = keyof typeof MountFlag;

/**
 * Attributes of one mount for fsmount(2), mount_setattr(2) and open_tree_attr(2), from linux/mount.h. The access time
 * is not a bit each but a value of the field MOUNT_ATTR__ATIME: mount_setattr(2) wants that mask cleared with any of them.
 */
export const MountAttribute = {
  /** Mount read-only. */
  MOUNT_ATTR_RDONLY: 0x1,
  /** Ignore set-user-ID and set-group-ID bits and file capabilities of programs. */
  MOUNT_ATTR_NOSUID: 0x2,
  /** Refuse to open device files. */
  MOUNT_ATTR_NODEV: 0x4,
  /** Refuse to execute programs. */
  MOUNT_ATTR_NOEXEC: 0x8,
  /** Mask of the access time field; the three values follow. */
  MOUNT_ATTR__ATIME: 0x70,
  /** Update an access time only when it is older than the modification or than a day. */
  MOUNT_ATTR_RELATIME: 0x0,
  /** Do not update access times. */
  MOUNT_ATTR_NOATIME: 0x10,
  /** Update access times on every access. */
  MOUNT_ATTR_STRICTATIME: 0x20,
  /** Do not update access times of directories. */
  MOUNT_ATTR_NODIRATIME: 0x80,
  /** Map owners by the user namespace in `struct mount_attr`; needs Linux 5.12, only for mount_setattr(2). */
  MOUNT_ATTR_IDMAP: 0x100000,
  /** Do not follow symbolic links; needs Linux 5.14. */
  MOUNT_ATTR_NOSYMFOLLOW: 0x200000,
} as const;

/** Name of a mount attribute. */
export type MountAttributeName = keyof typeof MountAttribute;

const F = MountFlag;

/** The four propagation types. mount(2) takes exactly one of them, with MS_REC and MS_SILENT at most. */
export const PROPAGATION_FLAGS = F.MS_UNBINDABLE | F.MS_PRIVATE | F.MS_SLAVE | F.MS_SHARED;

/** Flags that choose what mount(2) does rather than how the mount behaves. */
export const OPERATION_FLAGS = F.MS_REMOUNT | F.MS_BIND | F.MS_MOVE | F.MS_REC;

/** Flags of a single mount: those with a mount attribute. MS_RDONLY is one of them and a superblock flag as well. */
export const PER_MOUNT_FLAGS =
  F.MS_RDONLY |
  F.MS_NOSUID |
  F.MS_NODEV |
  F.MS_NOEXEC |
  F.MS_NOSYMFOLLOW |
  F.MS_NOATIME |
  F.MS_NODIRATIME |
  F.MS_RELATIME |
  F.MS_STRICTATIME;

/** Flags of the file system, shared by all its mounts, that fsconfig(2) knows by a name. */
export const SUPERBLOCK_FLAGS = F.MS_RDONLY | F.MS_SYNCHRONOUS | F.MS_MANDLOCK | F.MS_DIRSYNC | F.MS_LAZYTIME;

/**
 * Writes a flag word as C source would: `MS_NOSUID|MS_NODEV`, bits without a name in hexadecimal, `0` for none.
 *
 * @param flags 0 to 2^32-1; a negative number counts as its 32-bit two's complement
 */
export function formatMountFlags(flags: number): string {
  return formatBits(flags, Object.entries(MountFlag));
}

/** Writes mount attributes as C source would; the access time field shows as its value, relatime as nothing. */
export function formatMountAttributes(attributes: number): string {
  const single = Object.entries(MountAttribute).filter(([name]) => name !== 'MOUNT_ATTR__ATIME');
  const mask = MountAttribute.MOUNT_ATTR__ATIME;
  if ((attributes & mask) !== mask) return formatBits(attributes, single);
  return formatBits(attributes, [['MOUNT_ATTR__ATIME', mask], ...single]);
}

function formatBits(word: number, names: readonly (readonly [string, number])[]): string {
  let rest = word >>> 0;
  const parts: string[] = [];
  for (const [name, value] of names) {
    if (value === 0 || (rest & value) >>> 0 !== value) continue;
    parts.push(name);
    rest = (rest & ~value) >>> 0;
  }
  if (rest !== 0) parts.push(`0x${rest.toString(16)}`);
  return parts.join('|') || '0';
}

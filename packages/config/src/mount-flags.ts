/** `MS_*` bits of mount(2) by name (linux/mount.h). Sum them for `Mount.flags`. */
export const MOUNT_FLAGS = {
  MS_RDONLY: 0x1,
  MS_NOSUID: 0x2,
  MS_NODEV: 0x4,
  MS_NOEXEC: 0x8,
  MS_SYNCHRONOUS: 0x10,
  MS_REMOUNT: 0x20,
  MS_MANDLOCK: 0x40,
  MS_DIRSYNC: 0x80,
  /** Kernel 5.10. */
  MS_NOSYMFOLLOW: 0x100,
  MS_NOATIME: 0x400,
  MS_NODIRATIME: 0x800,
  MS_BIND: 0x1000,
  MS_MOVE: 0x2000,
  MS_REC: 0x4000,
  MS_SILENT: 0x8000,
  MS_POSIXACL: 0x1_0000,
  MS_UNBINDABLE: 0x2_0000,
  MS_PRIVATE: 0x4_0000,
  MS_SLAVE: 0x8_0000,
  MS_SHARED: 0x10_0000,
  MS_RELATIME: 0x20_0000,
  MS_KERNMOUNT: 0x40_0000,
  MS_I_VERSION: 0x80_0000,
  MS_STRICTATIME: 0x100_0000,
  MS_LAZYTIME: 0x200_0000,
} as const;

/** Name of a mount flag. */
export type MountFlagName = keyof typeof MOUNT_FLAGS;

/** The names of the bits that are set, then one hexadecimal number for the bits that have no name. */
export function mountFlagNames(flags: number): readonly string[] {
  const names: string[] = [];
  let rest = flags;
  for (const [name, bit] of Object.entries(MOUNT_FLAGS)) {
    if ((flags & bit) === 0) continue;
    names.push(name);
    rest &= ~bit;
  }
  return rest === 0 ? names : [...names, `0x${(rest >>> 0).toString(16)}`];
}

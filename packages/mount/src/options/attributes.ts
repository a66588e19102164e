import { MountAttribute, MountFlag } from './flags.ts';

const F = MountFlag;

// Each per-mount MS_* flag with its mount attribute; for the access time modes that is a value of the field.
const FLAG_TO_ATTRIBUTE: ReadonlyMap<number, number> = new Map([
  [F.MS_RDONLY, MountAttribute.MOUNT_ATTR_RDONLY],
  [F.MS_NOSUID, MountAttribute.MOUNT_ATTR_NOSUID],
  [F.MS_NODEV, MountAttribute.MOUNT_ATTR_NODEV],
  [F.MS_NOEXEC, MountAttribute.MOUNT_ATTR_NOEXEC],
  [F.MS_NOSYMFOLLOW, MountAttribute.MOUNT_ATTR_NOSYMFOLLOW],
  [F.MS_NOATIME, MountAttribute.MOUNT_ATTR_NOATIME],
  [F.MS_NODIRATIME, MountAttribute.MOUNT_ATTR_NODIRATIME],
  [F.MS_RELATIME, MountAttribute.MOUNT_ATTR_RELATIME],
  [F.MS_STRICTATIME, MountAttribute.MOUNT_ATTR_STRICTATIME],
]);

/** A change of mount attributes, as the two first words of `struct mount_attr` for mount_setattr(2). */
export interface AttributeChange {
  /** MOUNT_ATTR_* values for `attr_set`. */
  readonly set: number;
  /** MOUNT_ATTR_* values for `attr_clr`; the kernel clears before it sets. */
  readonly clear: number;
}

/**
 * Turns MS_* flags that were set and cleared into the two words of `struct mount_attr`. Only per-mount flags count.
 *
 * @param flags MS_* flags to turn on
 * @param cleared MS_* flags to turn off
 */
export function toMountAttributes(flags: number, cleared = 0): AttributeChange {
  const atime = F.MS_NOATIME | F.MS_RELATIME | F.MS_STRICTATIME;
  // mount(2) lets strictatime win over the other two; in mount_attr both values at once would be EINVAL.
  const effective = flags & F.MS_STRICTATIME ? flags & ~(F.MS_NOATIME | F.MS_RELATIME) : flags;
  let set = 0;
  let clear = 0;
  for (const [flag, attribute] of FLAG_TO_ATTRIBUTE) {
    if (effective & flag) set |= attribute;
    else if (cleared & flag & ~atime) clear |= attribute;
  }
  if ((flags | cleared) & atime) clear |= MountAttribute.MOUNT_ATTR__ATIME;
  return { set, clear };
}

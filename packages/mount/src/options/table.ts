import { type AttributeChange, toMountAttributes } from './attributes.ts';
import { MountFlag, PER_MOUNT_FLAGS } from './flags.ts';

/** What one option name does to the flag word of mount(2). */
export interface OptionRule {
  /** MS_* flags that it turns on. */
  readonly set: number;
  /** MS_* flags that it turns off. */
  readonly clear: number;
}

const F = MountFlag;
const on = (set: number, clear = 0): OptionRule => ({ set, clear });
const off = (clear: number): OptionRule => ({ set: 0, clear });

/**
 * Option names that stand for MS_* flags, as in mount(8) and the runtime specification. Where several names mean the
 * same, the first one is used to write flags as text.
 */
export const FLAG_OPTIONS = {
  defaults: on(0),
  ro: on(F.MS_RDONLY),
  rw: off(F.MS_RDONLY),
  nosuid: on(F.MS_NOSUID),
  suid: off(F.MS_NOSUID),
  nodev: on(F.MS_NODEV),
  dev: off(F.MS_NODEV),
  noexec: on(F.MS_NOEXEC),
  exec: off(F.MS_NOEXEC),
  sync: on(F.MS_SYNCHRONOUS),
  async: off(F.MS_SYNCHRONOUS),
  dirsync: on(F.MS_DIRSYNC),
  remount: on(F.MS_REMOUNT),
  mand: on(F.MS_MANDLOCK),
  nomand: off(F.MS_MANDLOCK),
  nosymfollow: on(F.MS_NOSYMFOLLOW),
  symfollow: off(F.MS_NOSYMFOLLOW),
  // The three access time modes exclude each other: the one named last holds.
  noatime: on(F.MS_NOATIME, F.MS_RELATIME | F.MS_STRICTATIME),
  atime: off(F.MS_NOATIME),
  relatime: on(F.MS_RELATIME, F.MS_NOATIME | F.MS_STRICTATIME),
  norelatime: off(F.MS_RELATIME),
  strictatime: on(F.MS_STRICTATIME, F.MS_NOATIME | F.MS_RELATIME),
  nostrictatime: off(F.MS_STRICTATIME),
  nodiratime: on(F.MS_NODIRATIME),
  diratime: off(F.MS_NODIRATIME),
  bind: on(F.MS_BIND),
  rbind: on(F.MS_BIND | F.MS_REC),
  silent: on(F.MS_SILENT),
  loud: off(F.MS_SILENT),
  iversion: on(F.MS_I_VERSION),
  noiversion: off(F.MS_I_VERSION),
  lazytime: on(F.MS_LAZYTIME),
  nolazytime: off(F.MS_LAZYTIME),
} as const satisfies Record<string, OptionRule>;

/**
 * Option names of propagation types. Each one wants a mount(2) call of its own, since the kernel refuses them
 * together with anything else but MS_REC and MS_SILENT.
 */
export const PROPAGATION_OPTIONS = {
  private: F.MS_PRIVATE,
  rprivate: F.MS_PRIVATE | F.MS_REC,
  shared: F.MS_SHARED,
  rshared: F.MS_SHARED | F.MS_REC,
  slave: F.MS_SLAVE,
  rslave: F.MS_SLAVE | F.MS_REC,
  unbindable: F.MS_UNBINDABLE,
  runbindable: F.MS_UNBINDABLE | F.MS_REC,
} as const;

/** A name that stands for MS_* flags. */
export type FlagOption = keyof typeof FLAG_OPTIONS;

/** A name that stands for a propagation type. */
export type PropagationOption = keyof typeof PROPAGATION_OPTIONS;

/** Option names that change a whole tree of mounts by mount_setattr(2): each per-mount option with an `r` in front. */
export const RECURSIVE_OPTIONS: ReadonlyMap<string, AttributeChange> = new Map(
  Object.entries(FLAG_OPTIONS)
    .filter(([, rule]) => ((rule.set | rule.clear) & PER_MOUNT_FLAGS) !== 0)
    .map(([name, rule]) => [`r${name}`, toMountAttributes(rule.set, rule.clear)]),
);

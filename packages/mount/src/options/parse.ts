import type { AttributeChange } from './attributes.ts';
import { splitMountOptions } from './data.ts';
import {
  FLAG_OPTIONS,
  type FlagOption,
  PROPAGATION_OPTIONS,
  type PropagationOption,
  RECURSIVE_OPTIONS,
} from './table.ts';

/** Mount options taken apart. A name given twice or turned back (`ro,rw`) counts as it was given last. */
export interface MountOptions {
  /** MS_* flags that are on. Never a propagation flag. */
  readonly flags: number;
  /**
   * MS_* flags that were turned off in words (`rw`, `suid`, `dev`). They matter where a flag would be inherited, as for
   * the remount of a bind mount. Has no bit in common with `flags`.
   */
  readonly cleared: number;
  /** Propagation changes in the order given, each to be made by a mount(2) call of its own: `MS_SLAVE | MS_REC`. */
  readonly propagation: readonly number[];
  /** Attributes for the whole tree of mounts, from `rro`, `rnosuid` and so on; both words 0 when there are none. */
  readonly recursive: AttributeChange;
  /** All options that are not in the tables, in their order, joined by commas: the data argument of mount(2). */
  readonly data: string;
}

/**
 * Takes mount options apart into flags and file system data.
 *
 * @param options one text with commas, or a list whose items may hold several options each
 * @throws {MountOptionError} when a quoted value does not end, or for a NUL character
 * @example
 * parseMountOptions('nosuid,strictatime,mode=755,size=65536k');
 * // { flags: MS_NOSUID | MS_STRICTATIME, cleared: MS_NOATIME | MS_RELATIME, propagation: [],
 * //   recursive: { set: 0, clear: 0 }, data: 'mode=755,size=65536k' }
 */
export function parseMountOptions(options: string | readonly string[]): MountOptions {
  let flags = 0;
  let cleared = 0;
  let recursive: AttributeChange = { set: 0, clear: 0 };
  const propagation: number[] = [];
  const data: string[] = [];
  for (const option of typeof options === 'string' ? splitMountOptions(options) : options.flatMap(splitMountOptions)) {
    const change = RECURSIVE_OPTIONS.get(option);
    if (isFlagOption(option)) {
      const rule = FLAG_OPTIONS[option];
      flags = (flags & ~rule.clear) | rule.set;
      cleared = (cleared & ~rule.set) | rule.clear;
    } else if (isPropagationOption(option)) {
      propagation.push(PROPAGATION_OPTIONS[option]);
    } else if (change !== undefined) {
      recursive = {
        set: (recursive.set & ~change.clear) | change.set,
        clear: (recursive.clear & ~change.set) | change.clear,
      };
    } else {
      data.push(option);
    }
  }
  return { flags, cleared, propagation, recursive, data: data.join(',') };
}

/** Tells whether an option stands for MS_* flags. */
export function isFlagOption(option: string): option is FlagOption {
  return Object.hasOwn(FLAG_OPTIONS, option);
}

/** Tells whether an option stands for a propagation type. */
export function isPropagationOption(option: string): option is PropagationOption {
  return Object.hasOwn(PROPAGATION_OPTIONS, option);
}

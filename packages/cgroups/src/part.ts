import type { Group } from './fs/group.ts';
import type { Write } from './fs/write.ts';
import type { Hierarchy } from './layout/layout.ts';
import type { Resources } from './resources.ts';
import type { StatsBuilder } from './stats/stats.ts';

/** The group in one hierarchy: a manager is made of one or more of these. */
export interface Part {
  readonly hierarchy: Hierarchy;
  readonly group: Group;
  /** Whether rules about devices are a program of this group. */
  readonly governsDevices: boolean;
  /** Names that the group's directory has in `paths()`. */
  readonly keys: readonly string[];
  /**
   * Makes the group.
   *
   * @param made - every directory that is made is added, at once.
   * @param needed - controllers that limits are asked for; the others are a nicety.
   */
  readonly make: (made: string[], needed: ReadonlySet<string>) => void;
  /** The values that limits come to, in the order of their writes. Of device rules of v2, which are no file, there are none. */
  readonly writes: (resources: Resources, previous: Resources) => readonly Write[];
  /** Writes limits; what it returns takes them back. Throws when one is refused: then nothing has changed. */
  readonly set: (resources: Resources, previous: Resources) => () => void;
  /** Throws when the kernel took another value than the one that was written. */
  readonly verify: (resources: Resources) => void;
  /** Adds counters. */
  readonly stats: (into: StatsBuilder) => void;
}

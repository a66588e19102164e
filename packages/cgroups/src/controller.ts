import type { Group } from './fs/group.ts';
import type { Write } from './fs/write.ts';
import type { Resources } from './resources.ts';
import type { StatsBuilder } from './stats/stats.ts';

/** What a controller may look at to decide what to write: the group as it is. */
export type GroupView = Pick<Group, 'tryRead' | 'exists'>;

/** One controller of one version: how limits become writes, and files become counters. */
export interface Controller {
  /** As /proc/cgroups and cgroup.controllers name it. */
  readonly name: string;
  /**
   * The values to write, in order; none when the resources say nothing about this controller. `previous` are the
   * limits in force, for those which the kernel does not show.
   */
  readonly writes: (resources: Resources, view: GroupView, previous?: Resources) => readonly Write[];
  /** Adds the counters of a group. */
  readonly stats?: (group: Group, into: StatsBuilder) => void;
  /** Looks whether the kernel took a value as it was, where it does not say so. Throws CgroupError. */
  readonly verify?: (resources: Resources, group: Group) => void;
}

/** A group of which nothing is there: to learn what would be written. */
export const emptyView: GroupView = { tryRead: () => undefined, exists: () => false };

/** A number that is given and is not 0. */
export function given<T extends number | bigint>(value: T | undefined): value is T {
  return value !== undefined && value !== 0 && value !== 0n;
}

/** The lines of a multi-line value, trimmed. */
export function valueLines(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** `max` for -1, the number otherwise. */
export function orMax(value: number | bigint): string {
  return BigInt(value) < 0n ? 'max' : String(value);
}

import { dirname, join } from 'node:path';
import type { CgroupFact } from '../facts.ts';
import { isWritable, readText, words } from './read.ts';

/** The group beside which containers get theirs: a group with processes in it may give no controllers to those below. */
export function ownCgroup(mountPoint: string): CgroupFact | undefined {
  const place = /^0::(.*)$/m.exec(readText('/proc/self/cgroup') ?? '')?.[1];
  if (place === undefined) return undefined;
  const levels = levelsTo(mountPoint, dirname(place));
  const path = levels.at(-1)!;
  return {
    path,
    writable: isWritable(path) && isWritable(join(path, 'cgroup.procs')),
    controllers: usableControllers(levels.map(readLevel)),
  };
}

/** One group on the way from the root to another, as far as it hands controllers down. */
export interface Level {
  readonly offered: readonly string[];
  readonly enabled: readonly string[];
  /** Whether this user may enable more of them. */
  readonly writable: boolean;
}

/** The controllers that groups below the last level have or can be given: each level must hand them on. */
export function usableControllers(levels: readonly Level[]): readonly string[] {
  const [first] = levels;
  return (first?.offered ?? []).filter((name) =>
    levels.every(({ enabled, writable }) => writable || enabled.includes(name)),
  );
}

function levelsTo(mountPoint: string, path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean);
  return [mountPoint, ...parts.map((_, index) => join(mountPoint, ...parts.slice(0, index + 1)))];
}

function readLevel(path: string): Level {
  const control = join(path, 'cgroup.subtree_control');
  return {
    offered: words(readText(join(path, 'cgroup.controllers'))),
    enabled: words(readText(control)),
    writable: isWritable(control),
  };
}

/** The controllers that systemd gave to this user's manager; undefined when it has no group. user@.service(5) */
export function userManagerControllers(mountPoint: string, uid: number): readonly string[] | undefined {
  const path = join(mountPoint, `user.slice/user-${uid}.slice/user@${uid}.service/cgroup.controllers`);
  const text = readText(path);
  return text === undefined ? undefined : words(text);
}

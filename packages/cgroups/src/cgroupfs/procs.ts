import { Group } from '../fs/group.ts';
import { subtree } from '../fs/tree.ts';
import { parsePids } from '../text/parse.ts';

/** The processes of one group; none when it is gone. Those outside of this process's pid namespace are left out. */
export function pidsOf(group: Group): readonly number[] {
  return (group.tryValue('cgroup.procs', parsePids) ?? []).filter((pid) => pid !== 0);
}

/** The processes of groups and of those below them, each once. */
export function allPids(groups: readonly Group[]): readonly number[] {
  const pids = new Set<number>();
  for (const group of groups)
    for (const path of subtree(group.path)) for (const pid of pidsOf(new Group(path))) pids.add(pid);
  return [...pids].toSorted((a, b) => a - b);
}

import { waitForFile } from '../events/wait-file.ts';
import type { Group } from '../fs/group.ts';
import type { Part } from '../part.ts';
import { anyExit, type Deadline } from '../process/wait.ts';
import { parseFlatKeyed } from '../text/parse.ts';
import { allPids } from './procs.ts';

/** How long a process that joins a group of v1 unseen can delay anybody, in milliseconds. */
const lookAgainMs = 250;

/**
 * Waits until no process is left in any part: cgroup v2 tells, on v1 the processes themselves do.
 *
 * @returns the processes left when the time is over; none when it is empty.
 */
export async function untilEmpty(parts: readonly Part[], until: Deadline): Promise<readonly number[]> {
  const v2 = parts.find(({ hierarchy }) => hierarchy.version === 2)?.group;
  if (v2) await waitForFile(`${v2.path}/cgroup.events`, () => !isPopulated(v2), until);
  const groups = parts.map(({ group }) => group);
  for (;;) {
    const pids = allPids(groups);
    if (pids.length === 0 || until.left() === 0) return pids;
    await anyExit(pids, until, lookAgainMs);
  }
}

/** Whether a group of cgroup v2 or one below it has a process; false when it is gone. */
export function isPopulated(group: Group): boolean {
  return group.tryValue('cgroup.events', parseFlatKeyed)?.['populated'] === 1n;
}

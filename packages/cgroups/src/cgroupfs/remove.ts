import { CgroupError } from '../error.ts';
import { removeDirectory, removeMarkedParents, subtree } from '../fs/tree.ts';
import type { Part } from '../part.ts';
import { describeProcesses } from '../process/describe.ts';
import { type Deadline, pause } from '../process/wait.ts';
import { untilEmpty } from './empty.ts';
import { allPids } from './procs.ts';

/**
 * Removes a group and those below it, the deepest first, when no process is left in them.
 *
 * @throws {CgroupError} ERR_CGROUP_TIMEOUT, naming the processes and directories left.
 */
export async function removeGroup(parts: readonly Part[], until: Deadline): Promise<void> {
  const left = await untilEmpty(parts, until);
  if (left.length > 0) throw remains(parts, left);
  // A process that has ended can hold its group for some more moments.
  for (let round = 1; ; round += 1) {
    const done = parts.map(({ group }) => subtree(group.path).map(removeDirectory).every(Boolean));
    if (done.every(Boolean)) break;
    if (until.left() === 0) throw remains(parts, allPids(parts.map(({ group }) => group)));
    await pause(Math.min(2 ** round, 50), until);
  }
  for (const { group, hierarchy } of parts) removeMarkedParents(group.path, hierarchy.mountPoint);
}

function remains(parts: readonly Part[], left: readonly number[]): CgroupError {
  const paths = parts.filter(({ group }) => group.exists()).map(({ group }) => group.path);
  const processes = left.length === 0 ? 'no process is in them' : `in them ${describeProcesses(left)}`;
  return new CgroupError('ERR_CGROUP_TIMEOUT', `failed to remove ${paths.join(', ')}: ${processes}`, {
    path: paths[0],
    hint: left.length === 0 ? 'try again' : 'kill the group first',
  });
}

import { CgroupError } from '../error.ts';
import { Group } from '../fs/group.ts';
import { subtree } from '../fs/tree.ts';
import { describeProcesses } from '../process/describe.ts';
import { type Deadline, pause } from '../process/wait.ts';
import type { FreezerState } from '../resources.ts';
import { ParseProblem, parsePids } from '../text/parse.ts';

/** What freezer.state shows: FREEZING while some process has not stopped yet. */
export type V1FreezerState = FreezerState | 'FREEZING';

const file = 'freezer.state';

/** The state of a group: Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst */
export function v1FreezerState(group: Group): V1FreezerState | undefined {
  return group.tryValue(file, (text) => {
    const state = text.trim();
    if (state === 'FROZEN' || state === 'FREEZING' || state === 'THAWED') return state;
    throw new ParseProblem(`${JSON.stringify(state)} is not FROZEN, FREEZING or THAWED`);
  });
}

/**
 * Freezes a group. A process that is just being created can keep the group FREEZING for ever; thawing it for a moment
 * lets that process through. When time runs out, or the wait is aborted, the group is thawed again.
 *
 * @throws {CgroupError} ERR_CGROUP_TIMEOUT, naming the processes.
 */
export async function freezeV1(group: Group, until: Deadline): Promise<void> {
  try {
    for (let round = 1; ; round += 1) {
      group.write(file, 'FROZEN', 'freezer');
      for (let look = 0; look < 25; look += 1) {
        if (v1FreezerState(group) === 'FROZEN') return;
        if (until.left() === 0) throw stuck(group);
        await pause(Math.min(round, 10), until);
      }
      group.write(file, 'THAWED', 'freezer');
    }
  } catch (error) {
    if (group.exists(file)) thawV1(group);
    throw error;
  }
}

/** Thaws a group and every one below it, at once: the kernel has nothing to wait for. */
export function thawV1(group: Group): void {
  for (const directory of subtree(group.path).toReversed()) {
    const each = new Group(directory);
    const state = v1FreezerState(each);
    if (state !== undefined && state !== 'THAWED') each.write(file, 'THAWED', 'freezer');
  }
}

function stuck(group: Group): CgroupError {
  const pids = subtree(group.path).flatMap((path) => new Group(path).tryValue('cgroup.procs', parsePids) ?? []);
  const what = `${group.path} did not freeze, and was thawed again; its processes are ${describeProcesses(pids)}`;
  return new CgroupError('ERR_CGROUP_TIMEOUT', what, {
    path: group.path,
    file,
    hint: 'a process in state D waits for a disk or a server: try again when it answers',
  });
}

import { CgroupError } from '../error.ts';
import { waitForFile } from '../events/wait-file.ts';
import { Group } from '../fs/group.ts';
import { subtree } from '../fs/tree.ts';
import { describeProcesses } from '../process/describe.ts';
import { type Deadline, deadline } from '../process/wait.ts';
import type { FreezerState } from '../resources.ts';
import { parseFlatKeyed, parsePids, parseUint } from '../text/parse.ts';

const file = 'cgroup.freeze';

/** The state of a group, frozen itself or with a parent; undefined before kernel 5.2. */
export function v2FreezerState(group: Group): FreezerState | undefined {
  const asked = group.tryValue(file, parseUint);
  if (asked === undefined) return undefined;
  return asked === 1n || isFrozen(group) ? 'FROZEN' : 'THAWED';
}

/**
 * Freezes a group and those below it. When time runs out, or the wait is aborted, it is thawed again.
 *
 * @throws {CgroupError} ERR_CGROUP_TIMEOUT, naming the processes.
 */
export async function freezeV2(group: Group, until: Deadline): Promise<void> {
  try {
    group.write(file, '1', 'freezer');
    if (await waitForFile(`${group.path}/cgroup.events`, () => isFrozen(group), until)) return;
    const pids = subtree(group.path).flatMap((path) => new Group(path).tryValue('cgroup.procs', parsePids) ?? []);
    const what = `${group.path} did not freeze, and was thawed again; its processes are ${describeProcesses(pids)}`;
    throw new CgroupError('ERR_CGROUP_TIMEOUT', what, {
      path: group.path,
      file,
      hint: 'a process in state D waits for a disk or a server: try again when it answers',
    });
  } catch (error) {
    if (group.exists(file)) await thawV2(group, deadline(1000, undefined));
    throw error;
  }
}

/** Thaws a group and every one below it, whoever froze it, and waits for the kernel's word. */
export async function thawV2(group: Group, until: Deadline): Promise<void> {
  for (const directory of subtree(group.path).toReversed()) {
    const each = new Group(directory);
    if (each.tryValue(file, parseUint) === 1n) each.write(file, '0', 'freezer');
  }
  const thawed = await waitForFile(`${group.path}/cgroup.events`, () => !isFrozen(group), until);
  if (thawed) return;
  throw new CgroupError('ERR_CGROUP_TIMEOUT', `${group.path} stays frozen`, {
    path: group.path,
    file,
    hint: 'a group above it is frozen: thaw that one',
  });
}

function isFrozen(group: Group): boolean {
  return group.tryValue('cgroup.events', parseFlatKeyed)?.['frozen'] === 1n;
}

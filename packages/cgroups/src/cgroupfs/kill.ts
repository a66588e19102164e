import { CgroupError } from '../error.ts';
import type { Group } from '../fs/group.ts';
import type { Part } from '../part.ts';
import { describeProcesses } from '../process/describe.ts';
import { signalProcesses } from '../process/signal.ts';
import { type Deadline, deadline } from '../process/wait.ts';
import { freezeV1, thawV1, v1FreezerState } from '../v1/freezer.ts';
import { freezeV2, thawV2, v2FreezerState } from '../v2/freezer.ts';
import { untilEmpty } from './empty.ts';
import { allPids } from './procs.ts';

const SIGKILL = 9;

/** How long one round waits for its processes to end before it looks for new ones, in milliseconds. */
const roundMs = 500;

/**
 * Kills every process of a group and of those below it. cgroup v2 does it in one write (kernel 5.14), which no fork
 * escapes. For what is only in v1 groups: freeze, signal, thaw, and again while something is left. Groups of v1 are
 * thawed in any case: a frozen process does not die.
 *
 * @throws {CgroupError} ERR_CGROUP_TIMEOUT, naming the processes left.
 */
export async function killAll(parts: readonly Part[], until: Deadline): Promise<void> {
  const v2 = parts.find(({ hierarchy }) => hierarchy.version === 2)?.group;
  const freezer = freezerOf(parts);
  const groups = parts.map(({ group }) => group);
  if (v2?.exists('cgroup.kill')) {
    killByFile(v2);
    if (freezer) thawV1(freezer);
    const end = deadline(Math.min(until.left(), roundMs), until.signal);
    if ((await untilEmpty(parts, end)).length === 0) return;
  }
  for (;;) {
    if (allPids(groups).length > 0) await signalFrozen(parts, SIGKILL, until);
    const left = await untilEmpty(parts, deadline(Math.min(until.left(), roundMs), until.signal));
    if (left.length === 0) return;
    if (until.left() === 0) throw survivors(groups, left);
  }
}

/** The v1 freezer group; undefined when the controller is not there. */
export function freezerOf(parts: readonly Part[]): Group | undefined {
  return parts.find(({ keys }) => keys.includes('freezer'))?.group;
}

function killByFile(group: Group): void {
  try {
    group.write('cgroup.kill', '1');
  } catch (error) {
    // It may have been removed meanwhile.
    if (group.exists('cgroup.kill')) throw error;
  }
}

/** How long a group may take to freeze before it is signalled as it is, in milliseconds. */
const freezeMs = 200;

/**
 * Signals every process of a group and of those below it. They are frozen meanwhile, so that no new one is missed; a
 * group that was frozen before stays so, except for SIGKILL.
 */
export async function signalFrozen(parts: readonly Part[], signalNumber: number, until: Deadline): Promise<void> {
  const groups = parts.map(({ group }) => group);
  const wasFrozen = await tryFreeze(parts, deadline(Math.min(until.left(), freezeMs), until.signal));
  try {
    signalProcesses(() => allPids(groups), signalNumber);
  } finally {
    if (signalNumber === SIGKILL || !wasFrozen) await thawParts(parts, deadline(1000, undefined));
  }
}

/** @returns whether it was frozen before. A group that does not freeze in time is signalled all the same. */
async function tryFreeze(parts: readonly Part[], until: Deadline): Promise<boolean> {
  const v1 = freezerOf(parts);
  const v2 = parts.find(({ hierarchy }) => hierarchy.version === 2)?.group;
  try {
    if (v1) {
      if (!v1.exists('freezer.state') || v1FreezerState(v1) !== 'THAWED') return true;
      await freezeV1(v1, until);
    } else if (v2) {
      if (v2FreezerState(v2) !== 'THAWED') return true;
      await freezeV2(v2, until);
    }
    return false;
  } catch (error) {
    if (error instanceof CgroupError && error.code === 'ERR_CGROUP_TIMEOUT') return false;
    throw error;
  }
}

/** Thaws a group and those below it in both freezers. */
export async function thawParts(parts: readonly Part[], until: Deadline): Promise<void> {
  const v1 = freezerOf(parts);
  if (v1) thawV1(v1);
  const v2 = parts.find(({ hierarchy }) => hierarchy.version === 2)?.group;
  if (v2) await thawV2(v2, until);
}

function survivors(groups: readonly Group[], left: readonly number[]): CgroupError {
  const path = groups[0]?.path;
  const what = `killed, but not gone from ${path}: ${describeProcesses(left)}`;
  return new CgroupError('ERR_CGROUP_TIMEOUT', what, {
    path,
    hint: 'a process in state D waits for a disk or a server and dies when that answers',
  });
}

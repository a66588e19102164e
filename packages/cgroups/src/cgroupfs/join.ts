import { readFileSync } from 'node:fs';
import { errnoOf } from '../error.ts';
import { Group } from '../fs/group.ts';
import type { Hierarchy } from '../layout/layout.ts';
import { type CgroupMembership, membershipPath, parseProcCgroup } from '../layout/proc-cgroup.ts';
import type { Part } from '../part.ts';

/**
 * Moves a process into a group, hierarchy by hierarchy. When one refuses, it goes back to where it was.
 *
 * @throws {CgroupError} ERR_CGROUP_IO
 */
export function joinGroup(parts: readonly Part[], pid: number): void {
  const before = placesOf(pid);
  const joined: Part[] = [];
  try {
    for (const part of parts) {
      part.group.write('cgroup.procs', String(pid));
      joined.push(part);
    }
  } catch (error) {
    moveBack(
      joined.map(({ hierarchy }) => hierarchy),
      before,
      pid,
    );
    throw error;
  }
}

/** Where a process is; nothing when it has ended. */
export function placesOf(pid: number): readonly CgroupMembership[] {
  return parseProcCgroup(readProcCgroup(pid));
}

/** Moves a process to where it was in some hierarchies, as far as it can be. */
export function moveBack(hierarchies: readonly Hierarchy[], before: readonly CgroupMembership[], pid: number): void {
  for (const { version, controllers, mountPoint } of hierarchies.toReversed()) {
    const path = membershipPath(before, version === 2 ? '' : (controllers[0] ?? ''));
    if (path !== undefined) moveTo(new Group(`${mountPoint}${path}`), pid);
  }
}

function readProcCgroup(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch (error) {
    // The write that follows says better that the process is gone.
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH') return '';
    throw error;
  }
}

/** The process may have ended, and its old group may be gone: the first error is the one to tell. */
function moveTo(group: Group, pid: number): void {
  try {
    group.write('cgroup.procs', String(pid));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

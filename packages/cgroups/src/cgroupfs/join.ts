import { readFileSync } from 'node:fs';
import { errnoOf } from '../error.ts';
import { Group } from '../fs/group.ts';
import { membershipPath, parseProcCgroup } from '../layout/proc-cgroup.ts';
import type { Part } from '../part.ts';

/**
 * Moves a process into a group, hierarchy by hierarchy. When one refuses, it goes back to where it was.
 *
 * @throws {CgroupError} ERR_CGROUP_IO
 */
export function joinGroup(parts: readonly Part[], pid: number): void {
  const before = parseProcCgroup(readProcCgroup(pid));
  const joined: Part[] = [];
  try {
    for (const part of parts) {
      part.group.write('cgroup.procs', String(pid));
      joined.push(part);
    }
  } catch (error) {
    for (const { hierarchy } of joined.toReversed()) {
      const key = hierarchy.version === 2 ? '' : (hierarchy.controllers[0] ?? '');
      const path = membershipPath(before, key);
      if (path !== undefined) moveBack(new Group(`${hierarchy.mountPoint}${path}`), pid);
    }
    throw error;
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
function moveBack(group: Group, pid: number): void {
  try {
    group.write('cgroup.procs', String(pid));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

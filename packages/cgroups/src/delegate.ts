import { chownSync, readFileSync } from 'node:fs';
import { CgroupError, errnoOf } from './error.ts';
import { hintFor } from './fs/hints.ts';
import { lines } from './text/parse.ts';

/** Who gets a group. */
export interface DelegateOptions {
  /** User and group of the host. */
  readonly uid: number;
  readonly gid: number;
  /** The text of /sys/kernel/cgroup/delegate. Default: that file. */
  readonly files?: readonly string[];
}

/** What kernels without the list let others have. */
const always: readonly string[] = ['cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control'];

/** The names in the text of /sys/kernel/cgroup/delegate, one a line. */
export function parseDelegateFiles(text: string): readonly string[] {
  return lines(text).filter((name) => !name.includes('/'));
}

/**
 * Gives a group of cgroup v2 to another user: its directory, and those files that the kernel says may be delegated.
 * Limits stay with the one who set them. A container that is root in a user namespace of its own can then make groups
 * below. cgroups(7), "Cgroup delegation"
 *
 * @param path - the group's directory.
 * @throws {CgroupError} ERR_CGROUP_IO
 */
export function delegateGroup(path: string, { uid, gid, files = kernelFiles() }: DelegateOptions): void {
  for (const file of ['', ...files]) {
    try {
      chownSync(`${path}/${file}`, uid, gid);
    } catch (error) {
      const errno = errnoOf(error);
      // The list is that of the kernel; a group has a file only with its controller.
      if (errno === 'ENOENT' && file !== '') continue;
      const details = { path, file, errno, hint: hintFor(file, errno), cause: error };
      throw new CgroupError('ERR_CGROUP_IO', `give ${path}/${file} to ${uid}:${gid}: ${errno}`, details);
    }
  }
}

function kernelFiles(): readonly string[] {
  try {
    return parseDelegateFiles(readFileSync('/sys/kernel/cgroup/delegate', 'utf8'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return always;
    throw error;
  }
}

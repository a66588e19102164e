import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { CgroupError, errnoOf } from '../error.ts';
import { hintFor } from './hints.ts';
import { isMarked, mark } from './marker.ts';

/**
 * Makes one directory of a group unless it is there.
 *
 * @returns whether it was made now.
 * @throws {CgroupError} ERR_CGROUP_IO
 */
export function makeDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o755 });
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') return false;
    const hint = hintFor('', errno);
    throw new CgroupError('ERR_CGROUP_IO', `make ${path}: ${errno}`, {
      field: 'path',
      path,
      errno,
      hint,
      cause: error,
    });
  }
}

/**
 * Makes the directories of a group from the top down. Those above the last are marked as made by us, so that whoever
 * removes the last group below them may remove them too.
 *
 * @param each - called for every directory, before the next is made.
 * @returns those that were made now, the topmost first.
 */
export function makeGroups(
  top: string,
  components: readonly string[],
  each: (directory: string, isLast: boolean) => void,
  made: string[] = [],
): readonly string[] {
  // A parent that another process removes because it was empty is made again.
  for (let attempt = 0; ; attempt += 1) {
    try {
      let directory = top;
      components.forEach((component, index) => {
        directory = `${directory}/${component}`;
        const isLast = index === components.length - 1;
        if (makeDirectory(directory)) {
          made.push(directory);
          if (!isLast) mark(directory);
        }
        each(directory, isLast);
      });
      return made;
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT' || attempt === 5) throw error;
    }
  }
}

/** The group's directory and those below it, the deepest first; none when it is gone. */
export function subtree(path: string): readonly string[] {
  return [...below(path), path];
}

function below(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => subtree(`${path}/${entry.name}`));
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return [];
    throw error;
  }
}

/**
 * Removes one directory.
 *
 * @returns false while the kernel says that it is in use.
 * @throws {CgroupError} ERR_CGROUP_IO
 */
export function removeDirectory(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return true;
    if (errno === 'EBUSY' || errno === 'ENOTEMPTY') return false;
    const hint = hintFor('', errno);
    throw new CgroupError('ERR_CGROUP_IO', `remove ${path}: ${errno}`, { path, errno, hint, cause: error });
  }
}

/** Removes the parents that were made for groups, from the bottom up, as long as they are empty. */
export function removeMarkedParents(path: string, top: string): void {
  let parent = path.slice(0, path.lastIndexOf('/'));
  while (parent.length > top.length && parent.startsWith(`${top}/`)) {
    if (!isMarked(parent) || !removeDirectory(parent)) return;
    parent = parent.slice(0, parent.lastIndexOf('/'));
  }
}

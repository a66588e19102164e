import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** Where a configuration comes from, and what depends on that. */
export interface Location {
  /** The container.json; undefined: the template is used. */
  readonly path: string | undefined;
  /** The root file system of a file that names none, and of the template. */
  readonly rootfs: string;
  /** Directory from which a relative root file system in the file counts. */
  readonly base: string;
  /** Directory in which state.json and .nspid stand; undefined: the root file system. */
  readonly directory: string | undefined;
}

/** Name of the file that is looked for. */
export const FILE_NAME = 'container.json';

/**
 * Finds the configuration: the file that is named, else the one in `root`, else the one in `cwd`, else none.
 *
 * @param config path of a file, relative to `cwd`; undefined and empty: none is named.
 * @param root the directory of `--root` when it was given; undefined: it was not.
 */
export function locate(cwd: string, config: string | undefined, root: string | undefined): Location {
  if (config) {
    const path = resolve(cwd, config);
    return { path, rootfs: dirname(path), base: dirname(path), directory: undefined };
  }
  if (root !== undefined) {
    const base = resolve(cwd, root);
    const path = join(base, FILE_NAME);
    // An alternate place for the file and the state: the root file system is still where one stands.
    if (existsSync(path)) return { path, rootfs: cwd, base, directory: base };
  }
  const path = join(cwd, FILE_NAME);
  if (existsSync(path)) return { path, rootfs: cwd, base: cwd, directory: cwd };
  return { path: undefined, rootfs: cwd, base: cwd, directory: undefined };
}

/**
 * Whether a directory lies in a root file system that is not the host's own: its processes could write there.
 * Directories that do not exist lie nowhere.
 */
export function liesWithin(directory: string, rootfs: string): boolean {
  if (!existsSync(directory) || !existsSync(rootfs)) return false;
  const [inner, outer] = [realpathSync(directory), realpathSync(rootfs)];
  return outer !== '/' && (inner === outer || inner.startsWith(`${outer}/`));
}

/** An absolute path stays; a relative one counts from `base`. */
export function absolute(path: string, base: string): string {
  return isAbsolute(path) ? path : resolve(base, path);
}

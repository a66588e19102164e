import { existsSync, lstatSync, realpathSync } from 'node:fs';

/** What validation asks the machine. Tests give a made-up one. */
export interface Host {
  /** Whether the path itself, not what it points to, is a directory. Throws as node:fs when it does not exist. */
  lstat(path: string): { readonly isDirectory: boolean };
  /** The path without symbolic links. Throws as node:fs. */
  realpath(path: string): string;
  /** True when the path leads to something. */
  exists(path: string): boolean;
}

/** The machine on which this process runs. */
export function systemHost(): Host {
  return {
    lstat: (path) => ({ isDirectory: lstatSync(path).isDirectory() }),
    realpath: (path) => realpathSync.native(path),
    exists: existsSync,
  };
}

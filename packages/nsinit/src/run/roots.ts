import { resolve } from 'node:path';
import { type Location, liesWithin } from '../config/locate.ts';
import { defaultRoot } from './default-root.ts';

/**
 * The directory of the containers' states: the one of `--root`, unless it was given for its container.json and lies in
 * the root file system. Processes of the container could write there, and the state says which process is joined and
 * killed: it is in the default directory then.
 *
 * @param root value of `--root`; undefined: it was not given.
 * @param location where the configuration was found.
 * @param rootfs the container's root file system.
 */
export function stateRoot(
  cwd: string,
  root: string | undefined,
  location: Pick<Location, 'directory'>,
  rootfs: string,
): string {
  if (root === undefined) return defaultRoot();
  const given = resolve(cwd, root);
  return location.directory === given && liesWithin(given, rootfs) ? defaultRoot() : given;
}

import { resolve } from 'node:path';
import { isRootless, rootlessConfig } from '@nsinit/libcontainer';
import type { Context } from '../commands/context.ts';
import { applyFlags, type FlaggedConfig } from '../config/apply-flags.ts';
import { loadConfig } from '../config/load.ts';
import { type Location, locate } from '../config/locate.ts';
import type { ContainerValues } from '../config/rules.ts';
import { stateRoot } from './roots.ts';

/** The container that a command line is about. */
export interface Target {
  /** Where its configuration was found. */
  readonly location: Location;
  /** Its configuration if it were started now. */
  readonly flagged: FlaggedConfig;
  /** Directory of the state; the default one exists once it was asked for. */
  readonly root: string;
}

/**
 * Finds out which container is meant.
 *
 * @throws {FileError} for a configuration that cannot be read, {UsageError} for flags that make no sense.
 */
export function findTarget(
  values: ContainerValues & { readonly config?: string; readonly id?: string },
  { cwd, global, log }: Context,
): Target {
  const location = locate(cwd, values.config, global.root);
  const { config, notes } = loadConfig(location, values.id);
  log.debug(`configuration: ${location.path ?? 'the template'}`);
  for (const { path, message } of notes) log.debug(`${location.path}: ${path}: ${message}`);
  const given = applyFlags(config, values, cwd);
  const flagged = isRootless() ? { ...given, config: rootlessConfig(given.config) } : given;
  for (const { mount, reason } of flagged.added) log.debug(`added ${mount.device} on ${mount.destination}: ${reason}`);
  return {
    location,
    flagged,
    // Only when it is needed: the default directory may be made by that.
    get root() {
      return stateRoot(cwd, global.root, location, flagged.config.rootfs);
    },
  };
}

/** The directory of the state for a command that has no flags of a container. */
export function findStateRoot({ cwd, global }: Context): string {
  const location = locate(cwd, undefined, global.root);
  const given = global.root !== undefined && location.directory === resolve(cwd, global.root);
  // Only the file of --root can move the state elsewhere; the one of the current directory need not be readable.
  const rootfs = given ? loadConfig(location).config.rootfs : cwd;
  return stateRoot(cwd, global.root, location, rootfs);
}

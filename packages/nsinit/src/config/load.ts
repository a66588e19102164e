import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Config, type Note, parseConfig, template } from '@nsinit/config';
import { idFlag } from '../cli/process-flags.ts';
import { FileError } from './file-error.ts';
import { absolute, type Location } from './locate.ts';

/** A configuration as it was read, before flags change it. */
export interface LoadedConfig {
  readonly config: Config;
  /** What an older file implied or lost. */
  readonly notes: readonly Note[];
}

/**
 * Reads the configuration of a location, or makes the template.
 *
 * @param id the container's, when it was named: two that share a directory do not share a control group.
 * @throws {FileError} when the file cannot be read or understood, with all problems in its cause.
 */
export function loadConfig({ path, rootfs, base }: Location, id?: string): LoadedConfig {
  if (path === undefined) {
    const name = basename(rootfs) || 'root';
    const own = id === undefined || id === idFlag.id.default ? name : `${name}-${id}`;
    return { config: template({ rootfs, cgroupName: own }), notes: [] };
  }
  try {
    const { config, notes } = parseConfig(readFileSync(path, 'utf8'), { rootfs });
    return { config: { ...config, rootfs: absolute(config.rootfs, base) }, notes };
  } catch (error) {
    throw new FileError(path, error);
  }
}

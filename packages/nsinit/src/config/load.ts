import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Config, type Note, parseConfig, template } from '@nsinit/config';
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
 * @throws {FileError} when the file cannot be read or understood, with all problems in its cause.
 */
export function loadConfig({ path, rootfs, base }: Location): LoadedConfig {
  if (path === undefined) return { config: template({ rootfs, cgroupName: basename(rootfs) || 'root' }), notes: [] };
  try {
    const { config, notes } = parseConfig(readFileSync(path, 'utf8'), { rootfs });
    return { config: { ...config, rootfs: absolute(config.rootfs, base) }, notes };
  } catch (error) {
    throw new FileError(path, error);
  }
}

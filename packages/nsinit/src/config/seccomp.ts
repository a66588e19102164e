import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Config, parseSeccompProfile, SECCOMP_PROFILES, type SeccompProfileName } from '@nsinit/config';
import { FileError } from './file-error.ts';

/**
 * Gives a configuration the filter of a name, or of a file; `unconfined` takes it away.
 *
 * @throws {FileError} when the file cannot be read or understood.
 */
export function setSeccomp(config: Config, value: string, cwd: string): Config {
  const { seccomp: _old, ...rest } = config;
  if (value === 'unconfined' || value === '') return rest;
  if ((SECCOMP_PROFILES as readonly string[]).includes(value)) return { ...rest, seccomp: value as SeccompProfileName };
  const path = resolve(cwd, value);
  try {
    return { ...rest, seccomp: parseSeccompProfile(readFileSync(path, 'utf8')) };
  } catch (error) {
    throw new FileError(path, error);
  }
}

import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { libcFunction } from '@nsinit/syscall';
import type { ProgramFact } from '../facts.ts';
import { findProgram } from './read.ts';

/** How long a program may take to tell its version, in milliseconds. */
const VERSION_TIMEOUT_MS = 5000;

const S_ISUID = 0o4000;

/** What there is to know of a program; undefined when it is not installed. */
export function collectProgram(name: string): ProgramFact | undefined {
  const path = findProgram(name);
  if (path === undefined) return undefined;
  const { mode, uid } = statSync(path);
  return { path, setuid: uid === 0 && (mode & S_ISUID) !== 0, fileCapabilities: hasCapabilities(path) };
}

/** The same, with what the program says of its version. */
export async function collectProgramVersion(name: string): Promise<ProgramFact | undefined> {
  const program = collectProgram(name);
  if (program === undefined) return undefined;
  const said = await new Promise<string>((resolve) => {
    // One that fails has said why, or nothing; its presence is what counts.
    execFile(program.path, ['--version'], { timeout: VERSION_TIMEOUT_MS }, (_error, stdout) => resolve(stdout));
  });
  const version = /\d+(\.\d+)+\S*/.exec(said)?.[0];
  return version === undefined ? program : { ...program, version };
}

/** Whether this user can open /dev/net/tun; undefined: it does not exist. */
export function collectTunDevice(): boolean | undefined {
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : false;
  }
}

/** getxattr(2) of the attribute that holds file capabilities. */
function hasCapabilities(path: string): boolean {
  const getxattr = libcFunction('int64_t getxattr(const char *path, const char *name, void *value, size_t size)');
  return Number(getxattr(path, 'security.capability', null, 0)) > 0;
}

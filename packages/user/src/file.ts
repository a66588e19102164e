import { readFileSync } from 'node:fs';
import { UserError } from './error.ts';
import { type GroupEntry, parseGroup } from './group.ts';
import { type PasswdEntry, parsePasswd } from './passwd.ts';

const PASSWD_PATH = '/etc/passwd';
const GROUP_PATH = '/etc/group';

/** Path of the system's passwd file. */
export function getPasswdPath(): string {
  return PASSWD_PATH;
}

/** Path of the system's group file. */
export function getGroupPath(): string {
  return GROUP_PATH;
}

/**
 * Text of the system's passwd file.
 *
 * @throws {UserError} ERR_USER_READ
 */
export function getPasswd(): string {
  return readSource(PASSWD_PATH, 'passwd');
}

/**
 * Text of the system's group file.
 *
 * @throws {UserError} ERR_USER_READ
 */
export function getGroup(): string {
  return readSource(GROUP_PATH, 'group');
}

/**
 * Reads and parses a passwd file.
 *
 * @param filter keeps the entries for which it returns true; all when left out
 * @throws {UserError} ERR_USER_READ
 */
export function parsePasswdFile(path: string, filter?: (entry: PasswdEntry) => boolean): readonly PasswdEntry[] {
  return parsePasswd(readSource(path, 'passwd'), filter);
}

/**
 * Reads and parses a group file.
 *
 * @param filter keeps the entries for which it returns true; all when left out
 * @throws {UserError} ERR_USER_READ
 */
export function parseGroupFile(path: string, filter?: (entry: GroupEntry) => boolean): readonly GroupEntry[] {
  return parseGroup(readSource(path, 'group'), filter);
}

/** Reads a passwd or group file; throws ERR_USER_READ with Node's error as cause. */
export function readSource(path: string, kind: 'passwd' | 'group'): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UserError('ERR_USER_READ', `read ${kind} file ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Reads a passwd or group file that may well be missing: undefined when it cannot be read, for whatever reason. */
export function readOptionalSource(path: string | undefined, kind: 'passwd' | 'group'): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readSource(path, kind);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

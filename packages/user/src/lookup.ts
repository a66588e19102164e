import { UserError } from './error.ts';
import { getGroupPath, getPasswdPath, readSource } from './file.ts';
import { type Group, isGroup, parseGroup } from './group.ts';
import { isUser, parsePasswd, type User } from './passwd.ts';

/**
 * The passwd entry of the process's real user id.
 *
 * @throws {UserError} ERR_USER_NOT_FOUND when the id has no entry, ERR_USER_READ, ERR_USER_UNSUPPORTED on a platform without user ids
 */
export function currentUser(): User {
  return lookupUid(ownId(process.getuid));
}

/**
 * The group entry of the process's real group id.
 *
 * @throws {UserError} ERR_USER_NOT_FOUND when the id has no entry, ERR_USER_READ, ERR_USER_UNSUPPORTED on a platform without group ids
 */
export function currentGroup(): Group {
  return lookupGid(ownId(process.getgid));
}

/**
 * The first passwd entry with a name. Only the file is asked, no directory service.
 *
 * @param path passwd file; the system's when left out
 * @throws {UserError} ERR_USER_NOT_FOUND, ERR_USER_READ
 * @example
 * lookupUser('root').uid; // 0
 */
export function lookupUser(name: string, path = getPasswdPath()): User {
  return findUser(path, `name ${JSON.stringify(name)}`, (user) => user.name === name);
}

/**
 * The first passwd entry with a user id.
 *
 * @param path passwd file; the system's when left out
 * @throws {UserError} ERR_USER_NOT_FOUND, ERR_USER_READ
 */
export function lookupUid(uid: number, path = getPasswdPath()): User {
  return findUser(path, `user id ${uid}`, (user) => user.uid === uid);
}

/**
 * The first group entry with a name. Only the file is asked, no directory service.
 *
 * @param path group file; the system's when left out
 * @throws {UserError} ERR_USER_NOT_FOUND, ERR_USER_READ
 */
export function lookupGroup(name: string, path = getGroupPath()): Group {
  return findGroup(path, `name ${JSON.stringify(name)}`, (group) => group.name === name);
}

/**
 * The first group entry with a group id.
 *
 * @param path group file; the system's when left out
 * @throws {UserError} ERR_USER_NOT_FOUND, ERR_USER_READ
 */
export function lookupGid(gid: number, path = getGroupPath()): Group {
  return findGroup(path, `group id ${gid}`, (group) => group.gid === gid);
}

function findUser(path: string, what: string, matches: (user: User) => boolean): User {
  const user = parsePasswd(readSource(path, 'passwd'), isUser).find(matches);
  if (user === undefined) throw notFound(path, 'passwd', what);
  return user;
}

function findGroup(path: string, what: string, matches: (group: Group) => boolean): Group {
  const group = parseGroup(readSource(path, 'group'), isGroup).find(matches);
  if (group === undefined) throw notFound(path, 'group', what);
  return group;
}

function notFound(path: string, kind: string, what: string): UserError {
  return new UserError('ERR_USER_NOT_FOUND', `no matching entry in ${kind} file ${path}: ${what}`);
}

function ownId(getId: (() => number) | undefined): number {
  if (getId === undefined) throw new UserError('ERR_USER_UNSUPPORTED', `no user and group ids on ${process.platform}`);
  return getId();
}

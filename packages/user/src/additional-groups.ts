import { UserError } from './error.ts';
import { readSource } from './file.ts';
import { type Group, isGroup, parseGroup } from './group.ts';
import { checkId, parseSpecId } from './id.ts';

/**
 * Turns group names and ids into group ids for setgroups(2).
 *
 * A text of digits is an id and needs no entry; any other text is a name, and its first entry counts. The result has the
 * order of the input, each id once.
 *
 * @param groups names and ids, such as `['adm', '1234']`
 * @param groupText text of a group file; undefined when there is none, then only ids are possible
 * @throws {UserError} ERR_USER_UNKNOWN_GROUP for a name without entry, ERR_USER_RANGE for an id out of 0 to 2147483647
 * @example
 * getAdditionalGroups(['grp', 'adm', '43'], 'adm:x:43:\ngrp:x:1234:'); // [1234, 43]
 */
export function getAdditionalGroups(groups: readonly string[], groupText: string | undefined): readonly number[] {
  const known = groupText === undefined ? [] : parseGroup(groupText, isGroup);
  return [...new Set(groups.map((group) => resolveGroup(group, known)))];
}

/**
 * The same with the path of a group file.
 *
 * @throws {UserError} as getAdditionalGroups, and ERR_USER_READ when the file cannot be read
 */
export function getAdditionalGroupsPath(groups: readonly string[], groupPath: string): readonly number[] {
  return getAdditionalGroups(groups, readSource(groupPath, 'group'));
}

/** The id of one group given by id or by name. */
export function resolveGroup(group: string, known: readonly Group[]): number {
  const what = `group ${JSON.stringify(group)}`;
  const id = parseSpecId(group, what);
  if (id !== undefined) return id;
  const entry = known.find(({ name }) => name === group);
  if (entry === undefined) throw new UserError('ERR_USER_UNKNOWN_GROUP', `unable to find ${what}`);
  return checkId(entry.gid, what);
}

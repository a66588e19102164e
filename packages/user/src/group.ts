import { UserError } from './error.ts';
import { parseFileId } from './id.ts';
import { splitLines, splitList } from './line.ts';

/** One line of a group file, see group(5). Fields that the line lacks are empty. */
export interface GroupEntry {
  /** Group name. */
  readonly name: string;
  /** Password field, mostly `x` or empty. */
  readonly password: string;
  /** Group id, 0 to 2^32-2; undefined when the line has none, so that a garbage line is not group 0. */
  readonly gid: number | undefined;
  /** Names of the users who have this as an additional group; their login group need not list them. */
  readonly members: readonly string[];
}

/** A group entry that is complete enough to be a group: it has a name and an id. */
export type Group = GroupEntry & { readonly gid: number };

/** Tells whether a group entry is a group. Lookups pass over all others. */
export function isGroup(entry: GroupEntry): entry is Group {
  return entry.name !== '' && entry.gid !== undefined;
}

/**
 * Parses the text of a group file. Tolerant: surplus fields are ignored, a garbage line becomes an entry without id.
 *
 * @param text the file's text; undefined when there is none
 * @param filter keeps the entries for which it returns true; all when left out
 * @throws {UserError} ERR_USER_NO_SOURCE when text is undefined
 * @example
 * parseGroup('adm:x:4:root,adm')[0]?.members; // ['root', 'adm']
 */
export function parseGroup<T extends GroupEntry>(
  text: string | undefined,
  filter: (entry: GroupEntry) => entry is T,
): readonly T[];
export function parseGroup(text: string | undefined, filter?: (entry: GroupEntry) => boolean): readonly GroupEntry[];
export function parseGroup(
  text: string | undefined,
  filter: (entry: GroupEntry) => boolean = () => true,
): readonly GroupEntry[] {
  if (text === undefined) throw new UserError('ERR_USER_NO_SOURCE', 'no source for group data');
  return splitLines(text)
    .map(([name = '', password = '', gid = '', members = '']) => ({
      name,
      password,
      gid: parseFileId(gid),
      members: splitList(members),
    }))
    .filter(filter);
}

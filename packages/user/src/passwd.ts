import { UserError } from './error.ts';
import { parseFileId } from './id.ts';
import { splitLines } from './line.ts';

/** One line of a passwd file, see passwd(5). Fields that the line lacks are empty. */
export interface PasswdEntry {
  /** Login name. */
  readonly name: string;
  /** Password field, `x` on most systems: the hash is in shadow(5). */
  readonly password: string;
  /** User id, 0 to 2^32-2; undefined when the line has none, so that a garbage line is nobody, above all not root. */
  readonly uid: number | undefined;
  /** Id of the login group, 0 to 2^32-2; undefined when the line has none. */
  readonly gid: number | undefined;
  /** Comment, often the full name. */
  readonly gecos: string;
  /** Home directory. */
  readonly home: string;
  /** Login shell. */
  readonly shell: string;
}

/** A passwd entry that is complete enough to be somebody: it has a name and both ids. */
export type User = PasswdEntry & { readonly uid: number; readonly gid: number };

/** Tells whether a passwd entry is somebody. Lookups pass over all others. */
export function isUser(entry: PasswdEntry): entry is User {
  return entry.name !== '' && entry.uid !== undefined && entry.gid !== undefined;
}

/**
 * Parses the text of a passwd file. Tolerant: surplus fields are ignored, a garbage line becomes an entry without ids.
 *
 * @param text the file's text; undefined when there is none
 * @param filter keeps the entries for which it returns true; all when left out
 * @throws {UserError} ERR_USER_NO_SOURCE when text is undefined
 * @example
 * parsePasswd('adm:x:3:4:adm:/var/adm:/bin/false')[0]?.home; // '/var/adm'
 */
export function parsePasswd<T extends PasswdEntry>(
  text: string | undefined,
  filter: (entry: PasswdEntry) => entry is T,
): readonly T[];
export function parsePasswd(text: string | undefined, filter?: (entry: PasswdEntry) => boolean): readonly PasswdEntry[];
export function parsePasswd(
  text: string | undefined,
  filter: (entry: PasswdEntry) => boolean = () => true,
): readonly PasswdEntry[] {
  if (text === undefined) throw new UserError('ERR_USER_NO_SOURCE', 'no source for passwd data');
  return splitLines(text)
    .map(([name = '', password = '', uid = '', gid = '', gecos = '', home = '', shell = '']) => ({
      name,
      password,
      uid: parseFileId(uid),
      gid: parseFileId(gid),
      gecos,
      home,
      shell,
    }))
    .filter(filter);
}

import { resolveGroup } from './additional-groups.ts';
import { UserError } from './error.ts';
import { readOptionalSource } from './file.ts';
import { isGroup, parseGroup } from './group.ts';
import { checkId, parseSpecId } from './id.ts';
import { isUser, parsePasswd, type User } from './passwd.ts';

/** Who a process runs as. */
export interface ExecUser {
  /** User id, 0 to 2147483647. */
  readonly uid: number;
  /** Group id, 0 to 2147483647. */
  readonly gid: number;
  /** Additional group ids for setgroups(2). */
  readonly sgids: readonly number[];
  /** Home directory. */
  readonly home: string;
  /** Login name; undefined when the user id has no passwd entry. */
  readonly name?: string;
  /** Login shell; undefined when there is no passwd entry or it names none. */
  readonly shell?: string;
}

/** Where users and groups are looked up. Each may be undefined: then only ids are possible. */
export interface UserSources {
  /** Text of the passwd file. */
  readonly passwd?: string | undefined;
  /** Text of the group file. */
  readonly group?: string | undefined;
}

/** Paths of the files where users and groups are looked up. */
export interface UserPaths {
  /** Path of the passwd file; undefined for none. */
  readonly passwd?: string | undefined;
  /** Path of the group file; undefined for none. */
  readonly group?: string | undefined;
}

/**
 * Finds out who `user`, `uid`, `user:group`, `uid:gid`, `user:gid`, `uid:group` or the empty text means.
 *
 * - A text of digits is always an id, never a name, so that an entry called `1000` cannot turn `1000` into another user.
 *   An id without a passwd entry is fine: group, additional groups and home come from the defaults.
 * - The empty user is the entry of the default user id, or else the defaults as they are.
 * - Without a group, the group is that of the passwd entry, and the additional groups are those that list the user; when
 *   none does, or there is no passwd entry, the default ones.
 * - With a group, the additional groups are the default ones.
 * - Of several matching entries the first one counts; entries without a name or without an id never match.
 *
 * @param spec the text; `user:` is the same as `user`
 * @param sources texts of the passwd and group files of the root file system where the process will run
 * @param defaults what is not told otherwise; when left out ids 0, no additional groups, home `/`. An entry without home
 *   gets the default one.
 * @throws {UserError} ERR_USER_UNKNOWN_USER, ERR_USER_UNKNOWN_GROUP, ERR_USER_RANGE, and ERR_USER_SPEC for a second colon
 * @example
 * getExecUser('adm', { passwd: 'adm:x:42:43:adm:/var/adm:/bin/false', group: 'grp:x:1234:root,adm' });
 * // { uid: 42, gid: 43, sgids: [1234], home: '/var/adm', name: 'adm', shell: '/bin/false' }
 */
export function getExecUser(spec: string, sources: UserSources, defaults: Partial<ExecUser> = {}): ExecUser {
  const fallback = withDefaults(defaults);
  const [userPart = '', groupPart = '', ...rest] = spec.split(':');
  if (rest.length > 0)
    throw new UserError('ERR_USER_SPEC', `user ${JSON.stringify(spec)} has more than one colon, expected user:group`);

  const groups = sources.group === undefined ? [] : parseGroup(sources.group, isGroup);
  const id = parseSpecId(userPart, `user ${JSON.stringify(userPart)}`);
  const entry = findUser(userPart === '' ? fallback.uid : (id ?? userPart), sources.passwd);
  const user = entry ? fromEntry(entry, fallback) : withoutEntry(userPart, id, fallback);
  if (groupPart !== '') return { ...user, gid: resolveGroup(groupPart, groups) };

  const listing = groups.filter(({ members }) => entry !== undefined && members.includes(entry.name));
  if (listing.length === 0) return user;
  return {
    ...user,
    sgids: [...new Set(listing.map(({ name, gid }) => checkId(gid, `group ${JSON.stringify(name)}`)))],
  };
}

/**
 * The same with paths of files. A file that cannot be read counts as absent: a root file system need not have any.
 *
 * The paths are followed as they are. For a root file system that is not trusted, whose files may be symbolic links
 * to anywhere, open the files beneath it with care and give their texts to getExecUser.
 *
 * @throws {UserError} as getExecUser
 */
export function getExecUserPath(spec: string, paths: UserPaths, defaults: Partial<ExecUser> = {}): ExecUser {
  const passwd = readOptionalSource(paths.passwd, 'passwd');
  const group = readOptionalSource(paths.group, 'group');
  return getExecUser(spec, { passwd, group }, defaults);
}

function findUser(user: string | number, passwd: string | undefined): User | undefined {
  if (passwd === undefined) return undefined;
  return parsePasswd(passwd, isUser).find(({ name, uid }) => (typeof user === 'number' ? uid === user : name === user));
}

function fromEntry(entry: User, fallback: ExecUser): ExecUser {
  const { name, home, shell } = entry;
  const what = `user ${JSON.stringify(name)}`;
  return {
    uid: checkId(entry.uid, what),
    gid: checkId(entry.gid, what),
    sgids: fallback.sgids,
    home: home === '' ? fallback.home : home,
    name,
    ...(shell === '' ? {} : { shell }),
  };
}

function withoutEntry(user: string, uid: number | undefined, fallback: ExecUser): ExecUser {
  if (user === '') return fallback;
  if (uid === undefined)
    throw new UserError('ERR_USER_UNKNOWN_USER', `unable to find user ${JSON.stringify(user)}, and it is no user id`);
  return { uid, gid: fallback.gid, sgids: fallback.sgids, home: fallback.home };
}

function withDefaults(defaults: Partial<ExecUser>): ExecUser {
  const { uid = 0, gid = 0, sgids = [], home = '/', name, shell } = defaults;
  for (const id of [uid, gid, ...sgids]) checkId(id, `default id ${id}`);
  return { uid, gid, sgids, home, ...(name === undefined ? {} : { name }), ...(shell === undefined ? {} : { shell }) };
}

import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** Consecutive ids of the host that a user may map into user namespaces. subuid(5) */
export interface SubordinateRange {
  /** First id. */
  readonly first: number;
  /** How many, at least 1. */
  readonly count: number;
}

/** A user as the files of the host name it. */
export interface HostUser {
  readonly uid: number;
  /** Login name; undefined: the host has no entry for the number. */
  readonly name: string | undefined;
}

/**
 * The ranges of one user in the text of /etc/subuid or /etc/subgid, whose lines are `user:first:count` with the user's
 * name or number. Lines of another form are passed over, as newuidmap(1) does.
 */
export function parseSubordinateRanges(text: string, { uid, name }: HostUser): readonly SubordinateRange[] {
  return text.split('\n').flatMap((line) => {
    const [, user, first, count] = /^([^:]+):(\d+):(\d+)$/.exec(line.trim()) ?? [];
    if (user === undefined || (user !== String(uid) && user !== name) || Number(count) === 0) return [];
    return [{ first: Number(first), count: Number(count) }];
  });
}

/** The subordinate ranges of a user by /etc/subuid (`uid`) or /etc/subgid (`gid`); none when there is no such file. */
export function subordinateRanges(kind: 'uid' | 'gid', user: HostUser): readonly SubordinateRange[] {
  return parseSubordinateRanges(readOrEmpty(`/etc/sub${kind}`), user);
}

/** The user as whom this process runs, or the one of a name or number of /etc/passwd; undefined: there is no such name. */
export function findHostUser(user?: string | number): (HostUser & { readonly gid: number }) | undefined {
  const entries = readOrEmpty('/etc/passwd')
    .split('\n')
    .map((line) => line.split(':'));
  const entry = (column: number, value: string) => entries.find((fields) => fields[column] === value);
  if (user === undefined || user === process.geteuid!()) {
    const uid = process.geteuid!();
    return { uid, gid: process.getegid!(), name: entry(2, String(uid))?.[0] ?? ownName(uid) };
  }
  const found = typeof user === 'number' ? entry(2, String(user)) : entry(0, user);
  if (!found) return typeof user === 'number' ? { uid: user, gid: user, name: undefined } : undefined;
  return { uid: Number(found[2]), gid: Number(found[3]), name: found[0] };
}

/** The name that other sources than /etc/passwd have for this process's user: LDAP, say. */
function ownName(uid: number): string | undefined {
  try {
    const info = userInfo();
    return info.uid === uid ? info.username : undefined;
  } catch (error) {
    // An id without a name is nothing wrong.
    if ((error as NodeJS.ErrnoException).code === 'ERR_SYSTEM_ERROR') return undefined;
    throw error;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

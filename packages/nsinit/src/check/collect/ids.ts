import type { IdRange } from '../facts.ts';

/**
 * The ranges of one user in the text of /etc/subuid or /etc/subgid, whose lines are `user:first:count` with the user's
 * name or number. Lines that are not of that form are left out, as newuidmap(1) does.
 */
export function idRanges(text: string | undefined, uid: number, name: string | undefined): readonly IdRange[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const [, user, first, count] = /^([^:]+):(\d+):(\d+)$/.exec(line.trim()) ?? [];
    if (user === undefined || (user !== String(uid) && user !== name)) return [];
    return [{ first: Number(first), count: Number(count) }];
  });
}

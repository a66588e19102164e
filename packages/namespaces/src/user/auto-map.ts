import { type IdMap, mapRange } from '../id-map.ts';
import { mostMapLines, whyUseless } from './diagnose.ts';
import { IdMapError } from './error.ts';
import { findHelper } from './helper.ts';
import { mayMapAnything } from './privileges.ts';
import { findHostUser, type SubordinateRange, subordinateRanges } from './subordinate-ids.ts';

/** The maps of a user namespace. */
export interface UserMaps {
  readonly uidMappings: readonly IdMap[];
  readonly gidMappings: readonly IdMap[];
}

/**
 * The widest maps that a user can have: the user itself is root inside, and its subordinate ids of /etc/subuid and
 * /etc/subgid follow from 1 on. Without subordinate ids, or without newuidmap(1) and newgidmap(1) that can help a process
 * without privileges, it is the one id alone, for which nothing has to be installed. Root is not mapped by one who may map anything: the
 * maps of user 0 are its subordinate ids then.
 *
 * @param user name or number; undefined: who this process runs as.
 * @throws {IdMapError} ERR_NO_USER for a name that /etc/passwd does not have, ERR_NO_RANGE for user 0 without ranges.
 */
export function autoMap(user?: string | number): UserMaps {
  const found = findHostUser(user);
  if (!found)
    throw new IdMapError('ERR_NO_USER', `there is no user ${user} in /etc/passwd`, {
      hint: 'give a user of this host',
    });
  const privileged = mayMapAnything('uid') && mayMapAnything('gid');
  const able = privileged || (isUsable('uid') && isUsable('gid'));
  const of = (kind: 'uid' | 'gid') => (able ? subordinateRanges(kind, found) : []);
  const uids = of('uid');
  const gids = of('gid');
  const spared = found.uid === 0 && privileged;
  if (spared)
    for (const [kind, ranges] of [
      ['uid', uids],
      ['gid', gids],
    ] as const)
      if (ranges.length === 0)
        throw new IdMapError('ERR_NO_RANGE', `root has no range in /etc/sub${kind}`, {
          kind,
          path: `/etc/sub${kind}`,
          hint: `add one: usermod --add-sub${kind}s 100000-165535 root`,
        });
  // With ids of one kind alone neither files nor groups of an image can be what they are: as good as none.
  const both = uids.length > 0 && gids.length > 0;
  return {
    uidMappings: stack(spared ? [] : [{ first: found.uid, count: 1 }], both ? uids : []),
    gidMappings: stack(spared ? [] : [{ first: found.gid, count: 1 }], both ? gids : []),
  };
}

function isUsable(kind: 'uid' | 'gid'): boolean {
  const helper = findHelper(kind);
  return helper !== undefined && whyUseless(kind, helper) === undefined;
}

/** Puts ranges one upon the other, from 0 on. Ids that are there already are left out: no id has two places. */
export function stack(own: readonly SubordinateRange[], ranges: readonly SubordinateRange[]): readonly IdMap[] {
  const maps: IdMap[] = [];
  let next = 0;
  const add = (first: number, count: number) => {
    if (count <= 0 || maps.length === mostMapLines) return;
    const taken = maps.find((map) => first < map.hostId + map.size && map.hostId < first + count);
    if (taken) {
      add(first, taken.hostId - first);
      add(taken.hostId + taken.size, first + count - taken.hostId - taken.size);
      return;
    }
    maps.push(mapRange(next, first, count));
    next += count;
  };
  for (const { first, count } of [...own, ...ranges]) add(first, count);
  return maps;
}

import { readFileSync, statSync } from 'node:fs';
import { libcFunction } from '@nsinit/syscall';
import type { IdMap } from '../id-map.ts';
import { IdMapError, type IdMapErrorFacts } from './error.ts';
import { findHostUser, type HostUser, type SubordinateRange, subordinateRanges } from './subordinate-ids.ts';

const setUserId = 0o4000;

/** Lines that the kernel takes in a map. user_namespaces(7), Linux 4.15 */
export const mostMapLines = 340;

/** Why there is no helper to write a map of several ids with. */
export function whyMissing(kind: 'uid' | 'gid', maps: readonly IdMap[]): IdMapError {
  return new IdMapError(
    'ERR_NO_HELPER',
    `new${kind}map is not installed, and without it a user other than root can map its own id alone, not ${describe(maps)}`,
    { kind, path: `new${kind}map`, hint: 'install the package uidmap (on Fedora shadow-utils), or map one id only' },
  );
}

/** Why a helper can do nothing for this process; undefined: it can. */
export function whyUseless(
  kind: 'uid' | 'gid',
  helper: string,
): { readonly message: string; readonly hint: string } | undefined {
  const { mode, uid } = statSync(helper);
  if (!(uid === 0 && (mode & setUserId) !== 0) && !hasCapabilities(helper))
    return {
      message: `${helper} has neither the set-user-id bit nor capabilities`,
      hint: `as root: chmod u+s ${helper}`,
    };
  if (/^NoNewPrivs:\s*1$/m.test(readFileSync('/proc/self/status', 'utf8')))
    return {
      message: `this process has no_new_privs, under which ${helper} gets no privilege`,
      hint: 'start it without (NoNewPrivileges= of systemd, --no-new-privs of setpriv), or map one id only',
    };
  const user = findHostUser()!;
  if (user.name !== undefined) return undefined;
  return {
    message: `user ${user.uid} has no entry in /etc/passwd, which ${helper} asks for`,
    hint: `make one, or map the id ${kind === 'uid' ? user.uid : user.gid} alone`,
  };
}

/** Why a helper could not write a map: itself, the user's ranges, or what it says. */
export function whyHelperFailed(
  kind: 'uid' | 'gid',
  helper: string,
  maps: readonly IdMap[],
  stderr: string,
): IdMapError {
  const facts: IdMapErrorFacts = { kind, path: helper };
  const bad = badMap(maps);
  if (bad) return new IdMapError('ERR_BAD_MAP', bad, { ...facts, hint: `correct the ${kind} mappings` });
  const useless = whyUseless(kind, helper);
  if (useless) return new IdMapError('ERR_NO_HELPER', useless.message, { ...facts, hint: useless.hint });
  const user = findHostUser()!;
  const own = kind === 'uid' ? user.uid : user.gid;
  const range = outOfRange(kind, maps, own, user, subordinateRanges(kind, user));
  if (range) return new IdMapError('ERR_NO_RANGE', range.message, { ...facts, ...range });
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return new IdMapError('ERR_REFUSED', `${helper} failed${said ? `: ${said}` : ''}`, facts);
}

/** What a map asks for that the user's subordinate ranges do not hold; undefined: nothing. */
export function outOfRange(
  kind: 'uid' | 'gid',
  maps: readonly IdMap[],
  own: number,
  user: HostUser,
  ranges: readonly SubordinateRange[],
): { readonly message: string; readonly path: string; readonly hint: string } | undefined {
  const path = `/etc/sub${kind}`;
  const within = ({ hostId, size }: IdMap) =>
    (size === 1 && hostId === own) ||
    ranges.some(({ first, count }) => hostId >= first && hostId + size <= first + count);
  const outside = maps.find((map) => !within(map));
  if (!outside) return undefined;
  const who = user.name ?? user.uid;
  const has =
    ranges.length === 0
      ? `user ${who} has no range in ${path}`
      : `user ${who} has ${ranges.map(({ first, count }) => `${first} to ${first + count - 1}`).join(', ')} in ${path}`;
  const last = outside.hostId + outside.size - 1;
  return {
    message: `${has}, and ${outside.hostId} to ${last} is wanted`,
    path,
    hint: `as root: usermod --add-sub${kind}s ${outside.hostId}-${last} ${who}, or map other ids`,
  };
}

/** Why the kernel refused a map that this process wrote itself. */
export function whyRefused(
  kind: 'uid' | 'gid',
  path: string,
  maps: readonly IdMap[],
  error: NodeJS.ErrnoException,
): IdMapError {
  const facts = { kind, path, ...(error.code === undefined ? {} : { errno: error.code }), cause: error };
  const bad = error.code === 'EINVAL' ? badMap(maps) : undefined;
  if (bad) return new IdMapError('ERR_BAD_MAP', bad, { ...facts, hint: `correct the ${kind} mappings` });
  if (error.code === 'EPERM') {
    const unmapped = notOurs(maps, readFileSync(`/proc/self/${kind}_map`, 'utf8'));
    if (unmapped !== undefined)
      return new IdMapError('ERR_NO_RANGE', `${unmapped} is no id of the user namespace that this process is in`, {
        ...facts,
        hint: `map ids of /proc/self/${kind}_map`,
      });
  }
  return new IdMapError('ERR_REFUSED', `cannot write ${path}: ${error.message}`, facts);
}

/** What no kernel takes; undefined: the map is in order. */
export function badMap(maps: readonly IdMap[]): string | undefined {
  if (maps.length === 0) return 'the map is empty';
  if (maps.length > mostMapLines) return `the map has ${maps.length} ranges, and ${mostMapLines} are possible`;
  const beyond = maps.find((map) => Math.max(map.containerId, map.hostId) + map.size > 0xffff_ffff);
  if (beyond) return `the range ${describe([beyond])} is too large: ids end at 4294967294`;
  for (const [index, one] of maps.entries())
    for (const other of maps.slice(0, index))
      for (const side of ['containerId', 'hostId'] as const)
        if (one[side] < other[side] + other.size && other[side] < one[side] + one.size)
          return `the ranges ${describe([other])} and ${describe([one])} overlap ${side === 'hostId' ? 'outside' : 'inside'}`;
  return undefined;
}

/** The first id of a map that is not in the text of a uid_map: what a nested namespace can map is what its parent has. */
export function notOurs(maps: readonly IdMap[], text: string): number | undefined {
  const ours = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([first = 0, , count = 0]) => ({ first, end: first + count }));
  for (const { hostId, size } of maps) {
    // Ranges of a parent can touch each other: what one leaves over the next may have.
    let next = hostId;
    for (;;) {
      const holder = ours.find(({ first, end }) => next >= first && next < end);
      if (!holder) return next;
      if (holder.end >= hostId + size) break;
      next = holder.end;
    }
  }
  return undefined;
}

function describe(maps: readonly IdMap[]): string {
  return maps.map(({ containerId, hostId, size }) => `${containerId}:${hostId}:${size}`).join(', ');
}

/** getxattr(2) of the attribute that holds file capabilities. */
function hasCapabilities(path: string): boolean {
  const getxattr = libcFunction('int64_t getxattr(const char *path, const char *name, void *value, size_t size)');
  return Number(getxattr(path, 'security.capability', null, 0)) > 0;
}

import type { MountinfoEntry } from './entry.ts';
import { MountinfoError } from './error.ts';

/**
 * Finds the mount that a path lies on, by walking the mounts as the kernel walks a path: from the root mount, at each
 * step into the mount that covers the path next. So the uppermost of several mounts on one directory wins, and a
 * mount hidden beneath another one is never the answer.
 *
 * @param entries mounts as one process sees them
 * @param path an absolute path with its symbolic links resolved (realpath(3)); it need not exist
 * @returns the mount, or undefined when it is not in the list: the process's root is a directory inside of a mount (chroot)
 * @throws {MountinfoError} ERR_MOUNTINFO_PATH when the path is relative or has a component `..`
 * @example
 * mountpointOf(readMountinfo('self'), '/proc/sys')?.fsType; // 'proc'
 */
export function mountpointOf(entries: readonly MountinfoEntry[], path: string): MountinfoEntry | undefined {
  const target = canonical(path);
  const ids = new Set(entries.map((entry) => entry.id));
  const isTop = (entry: MountinfoEntry) => entry.parentId === entry.id || !ids.has(entry.parentId);
  const covering = entries.filter((entry) => isAtOrBelow(target, entry.mountPoint));

  // A mount on top of "/" is listed but not entered: an absolute path begins at the process's root, which lies below.
  const root = covering.findLast((entry) => entry.mountPoint === '/' && isTop(entry));
  let reachable = covering.filter((entry) => (root ? isOn(entry, root) && entry.mountPoint !== '/' : isTop(entry)));
  let current = root;
  // Each mount is entered once at most, whatever ids a made-up list may hold.
  for (const entered = new Set([root]); ; entered.add(current)) {
    const next = shallowest(reachable.filter((entry) => !entered.has(entry)));
    if (next === undefined) return current;
    current = next;
    reachable = covering.filter((entry) => isOn(entry, next));
  }
}

/**
 * Tells whether a path is the root of a mount that can be reached by that path. A bind mount counts, also one of a
 * file; a mount hidden beneath another one does not.
 *
 * @param path an absolute path with its symbolic links resolved
 * @throws {MountinfoError} ERR_MOUNTINFO_PATH when the path is relative or has a component `..`
 */
export function isMountpoint(entries: readonly MountinfoEntry[], path: string): boolean {
  return mountpointOf(entries, path)?.mountPoint === canonical(path);
}

/**
 * Lists the mounts below a path, without those on the path itself, hidden ones included. Each mount comes after the one
 * it is mounted on: go backwards to unmount them one by one.
 *
 * @param path an absolute path with its symbolic links resolved
 * @throws {MountinfoError} ERR_MOUNTINFO_PATH when the path is relative or has a component `..`
 */
export function submounts(entries: readonly MountinfoEntry[], path: string): readonly MountinfoEntry[] {
  const top = canonical(path);
  const below = new Map<number, MountinfoEntry>();
  for (const entry of entries)
    if (entry.mountPoint !== top && isAtOrBelow(entry.mountPoint, top)) below.set(entry.id, entry);
  const ordered = new Set<MountinfoEntry>();
  for (const entry of below.values()) {
    const chain: MountinfoEntry[] = [];
    for (let at: MountinfoEntry | undefined = entry; at && !ordered.has(at); at = below.get(at.parentId)) {
      // Garbage could make a ring of parents; the kernel does so only for a root that is its own parent.
      if (chain.includes(at)) break;
      chain.push(at);
    }
    for (const mount of chain.reverse()) ordered.add(mount);
  }
  return [...ordered];
}

function isOn(entry: MountinfoEntry, parent: MountinfoEntry): boolean {
  return entry.parentId === parent.id && entry !== parent;
}

// The kernel meets the shortest mount point first. Two mounts on one directory of one parent exist only before
// Linux 4.13; there the younger one is on top.
function shallowest(entries: readonly MountinfoEntry[]): MountinfoEntry | undefined {
  return entries.reduce<MountinfoEntry | undefined>(
    (best, entry) => (best && best.mountPoint.length < entry.mountPoint.length ? best : entry),
    undefined,
  );
}

function isAtOrBelow(path: string, top: string): boolean {
  return path === top || top === '/' || (path.startsWith(top) && path[top.length] === '/');
}

function canonical(path: string): string {
  const components = path.split('/').filter((component) => component !== '' && component !== '.');
  if (!path.startsWith('/')) throw unusable(path, 'is not absolute');
  if (components.includes('..')) throw unusable(path, 'has a component "..": resolve it first (realpath)');
  return `/${components.join('/')}`;
}

function unusable(path: string, why: string): MountinfoError {
  return new MountinfoError('ERR_MOUNTINFO_PATH', `path ${JSON.stringify(path)} ${why}`);
}

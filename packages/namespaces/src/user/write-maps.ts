import { writeFileSync } from 'node:fs';
import { formatIdMap, type IdMap } from '../id-map.ts';
import { runProgram } from '../launch/run.ts';
import type { UserMaps } from './auto-map.ts';
import { whyHelperFailed, whyMissing, whyRefused } from './diagnose.ts';
import { findHelper } from './helper.ts';
import { mayMapAnything } from './privileges.ts';

/**
 * Writes the id maps of a process's new user namespace: itself with the capabilities CAP_SETUID and CAP_SETGID, or where its
 * own id is all that is mapped, which takes setgroups(2) away from the namespace; else by newuidmap(1) and newgidmap(1),
 * which give a user the ids of /etc/subuid and /etc/subgid. user_namespaces(7)
 *
 * @param pid the process, which waits: the maps can be written once.
 * @throws {IdMapError} that says which map, why not, and what to do. Without helpers it is thrown at once.
 */
export function writeIdMaps(pid: number, { uidMappings, gidMappings }: UserMaps): void | Promise<void> {
  const groups = writeMap(pid, 'gid', gidMappings);
  if (!groups) return writeMap(pid, 'uid', uidMappings);
  // The two helpers work at the same time: they take longer than all the rest of a start.
  return bothDone(groups, async () => await writeMap(pid, 'uid', uidMappings));
}

/** Waits for both, also after a failure, so that no helper is left; the first one's failure comes first. */
async function bothDone(first: Promise<void>, begin: () => Promise<void>): Promise<void> {
  for (const result of await Promise.allSettled([first, begin()]))
    if (result.status === 'rejected') throw result.reason;
}

/** Whether nothing but this process's own id is mapped, which everybody may do. */
export function mapsOwnIdAlone(kind: 'uid' | 'gid', maps: readonly IdMap[]): boolean {
  const own = kind === 'uid' ? process.geteuid!() : process.getegid!();
  return maps.length === 1 && maps[0]!.size === 1 && maps[0]!.hostId === own;
}

/**
 * Whether a namespace with these maps will have setgroups(2): one that a user made with its own group alone has not, so that
 * nobody gets into files by leaving a group.
 */
export function mayChangeGroups(gidMappings: readonly IdMap[]): boolean {
  return !mapsOwnIdAlone('gid', gidMappings) || mayMapAnything('gid');
}

function writeMap(pid: number, kind: 'uid' | 'gid', maps: readonly IdMap[]): Promise<void> | undefined {
  const own = mapsOwnIdAlone(kind, maps);
  // The usual cases are told without reading: root, and a user's own id.
  const root = process.geteuid!() === 0;
  if (!root && !own && !mayMapAnything(kind)) return byHelper(pid, kind, maps);
  if (kind === 'gid' && own && !root && !mayMapAnything(kind)) write(kind, `/proc/${pid}/setgroups`, 'deny', maps);
  write(kind, `/proc/${pid}/${kind}_map`, formatIdMap(maps), maps);
  return undefined;
}

function write(kind: 'uid' | 'gid', path: string, text: string, maps: readonly IdMap[]): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw whyRefused(kind, path, maps, error as NodeJS.ErrnoException);
  }
}

async function byHelper(pid: number, kind: 'uid' | 'gid', maps: readonly IdMap[]): Promise<void> {
  const helper = findHelper(kind);
  if (helper === undefined) throw whyMissing(kind, maps);
  const args = maps.flatMap(({ containerId, hostId, size }) => [containerId, hostId, size].map(String));
  const { exit, stderr } = await runProgram(helper, [String(pid), ...args]);
  if (exit.exitCode !== 0) throw whyHelperFailed(kind, helper, maps, stderr);
}

import { type CapabilityMask, capabilityMask, parseProcStatus } from '@nsinit/capabilities';
import type { IdMap } from '@nsinit/namespaces';
import { readLink, readText } from './host.ts';

/** The process whose step failed, as far as permissions go. Ids are those of the host. */
export interface Subject {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly effective: CapabilityMask;
  readonly permitted: CapabilityMask;
  readonly inheritable: CapabilityMask;
  readonly bounding: CapabilityMask;
  /** Whether a seccomp filter, one of its own or an inherited one, judges its system calls. */
  readonly filtered: boolean;
  /** Whether it is in another user namespace than this process. */
  readonly inUserNamespace: boolean;
  readonly uidMap: readonly IdMap[];
  readonly gidMap: readonly IdMap[];
}

const everything: readonly IdMap[] = [{ containerId: 0, hostId: 0, size: 0xffffffff }];

/**
 * Who a running process is; undefined when it is gone or may not be looked at.
 *
 * @param pid its id, or `self`
 */
export function readSubject(pid: number | 'self'): Subject | undefined {
  const status = readText(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  return {
    ...parseSubject(status),
    inUserNamespace: readLink(`/proc/${pid}/ns/user`) !== readLink('/proc/self/ns/user'),
    uidMap: parseIdMap(readText(`/proc/${pid}/uid_map`)),
    gidMap: parseIdMap(readText(`/proc/${pid}/gid_map`)),
  };
}

/** Who a process would be with these ids: root with every capability, anybody else with none. */
export function assumedSubject(who: {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}): Subject {
  const mask = who.uid === 0 ? (1n << 64n) - 1n : 0n;
  const sets = { effective: mask, permitted: mask, inheritable: 0n, bounding: (1n << 64n) - 1n };
  return { ...who, ...sets, filtered: false, inUserNamespace: false, uidMap: everything, gidMap: everything };
}

/** The part of {@link Subject} that stands in `/proc/<pid>/status`. The ids are those for files: fsuid and fsgid. */
export function parseSubject(status: string): Omit<Subject, 'inUserNamespace' | 'uidMap' | 'gidMap'> {
  const line = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(status)?.[1] ?? '';
  const last = (name: string) => Number(line(name).split(/\s+/).at(-1));
  const { effective, permitted, inheritable, bounding } = parseProcStatus(`${status}\n`);
  return {
    uid: last('Uid'),
    gid: last('Gid'),
    groups: line('Groups').split(/\s+/).filter(Boolean).map(Number),
    effective,
    permitted,
    inheritable,
    bounding,
    filtered: line('Seccomp') === '2',
  };
}

/** The lines of `/proc/<pid>/uid_map`; every id is mapped to itself when there is no such file. */
export function parseIdMap(text: string | undefined): readonly IdMap[] {
  if (text === undefined) return everything;
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((numbers) => numbers.length === 3 && numbers.every(Number.isSafeInteger))
    .map(([containerId, hostId, size]) => ({ containerId: containerId!, hostId: hostId!, size: size! }));
}

/** The id inside the namespace that an id of the host has; undefined when it has none. */
export function insideId(map: readonly IdMap[], id: number): number | undefined {
  const range = map.find(({ hostId, size }) => id >= hostId && id < hostId + size);
  return range && range.containerId + (id - range.hostId);
}

/** Whether an id of the namespace stands for an id of the host. */
export function isMapped(map: readonly IdMap[], id: number): boolean {
  return map.some(({ containerId, size }) => id >= containerId && id < containerId + size);
}

/** An id as the container sees it, for messages. */
export function idText(map: readonly IdMap[], id: number): string {
  const inside = insideId(map, id);
  return inside === undefined ? `${id} of the host` : String(inside);
}

/** CAP_DAC_OVERRIDE, and what is like it for directories. */
export const overrides = {
  file: capabilityMask(['CAP_DAC_OVERRIDE']),
  directory: capabilityMask(['CAP_DAC_OVERRIDE', 'CAP_DAC_READ_SEARCH']),
} as const;

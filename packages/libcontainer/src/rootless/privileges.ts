import { readFileSync } from 'node:fs';
import type { IdMap } from '@nsinit/config';

/** The effective capabilities of this process, as a mask. capabilities(7) */
export function effectiveCapabilities(): bigint {
  const status = readFileSync('/proc/self/status', 'utf8');
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}

let hostsUser: boolean | undefined;

/** Whether this process belongs to an ordinary user of the host, be it as root of a user namespace. */
export function isHostsUser(): boolean {
  hostsUser ??=
    process.geteuid!() !== 0 || !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  return hostsUser;
}

/** The map of the user namespace that this process is in. user_namespaces(7) */
export function ownMap(kind: 'uid' | 'gid'): readonly IdMap[] {
  return parseIdMap(readFileSync(`/proc/self/${kind}_map`, 'utf8'));
}

/** The process that the path of a namespace to join names; undefined: it names none. */
export function processOf(path: string): number | undefined {
  const pid = /^\/proc\/(\d+)\/ns\/\w+$/.exec(path)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** The map that a uid_map or gid_map tells. user_namespaces(7) */
export function parseIdMap(text: string): readonly IdMap[] {
  const lines = text.trim().split('\n').filter(Boolean);
  return lines.map((line) => {
    const [containerId = 0, hostId = 0, size = 0] = line.trim().split(/\s+/).map(Number);
    return { containerId, hostId, size };
  });
}

import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Criu, compareVersions, type NetworkLockMethod } from '@nsinit/criu';

/** The first release that can let packets through; older ones fail without a word. */
const knowsSkip = { major: 3, minor: 19, sublevel: 0 };

/**
 * How packets are best held back while a container is checkpointed: not at all where none can come from outside, which
 * saves time while it stands still; by nftables, which criu talks to itself, where there is no iptables to call; else as
 * criu does by itself, which is undefined.
 *
 * @param init a process in the container's network namespace.
 */
export async function networkLockFor(criu: Criu, init: number): Promise<NetworkLockMethod | undefined> {
  const isolated = isIsolated(readFileSync(`/proc/${init}/net/dev`, 'utf8'));
  if (isolated && compareVersions(await criu.version(), knowsSkip) >= 0) return 'skip';
  return isInPath('iptables-restore') ? undefined : 'nftables';
}

/** Whether a network namespace has no interface but its loopback. */
export function isIsolated(netDev: string): boolean {
  const names = [...netDev.matchAll(/^\s*([^\s|]+):/gm)].map(([, name]) => name);
  return names.every((name) => name === 'lo');
}

function isInPath(name: string): boolean {
  const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`;
  return path.split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, name)));
}

import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { NetworkLockMethod } from '@nsinit/criu';

/**
 * How packets are best held back while a container is checkpointed: not at all where none can come from outside, which
 * saves time while it stands still; by nftables, which criu talks to itself, where there is no iptables to call; else as
 * criu does by itself, which is undefined.
 *
 * @param init a process in the container's network namespace.
 */
export function networkLockFor(init: number): NetworkLockMethod | undefined {
  if (isIsolated(readFileSync(`/proc/${init}/net/dev`, 'utf8'))) return 'skip';
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

import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Criu, compareVersions, type NetworkLockMethod } from '@nsinit/criu';
import { procLink } from '../state/proc.ts';

/** The first release that can let packets through; older ones fail without a word. */
const knowsSkip = { major: 3, minor: 19, sublevel: 0 };

/**
 * How packets are best held back while a container is checkpointed: not at all where that has nothing to hold, which
 * saves time while it stands still; by nftables, which criu talks to itself, where there is no iptables to call; else as
 * criu does by itself, which is undefined.
 *
 * @param init a process in the container's network namespace.
 * @param tcpEstablished whether open TCP connections are saved.
 */
export async function networkLockFor(
  criuPath: string,
  init: number,
  tcpEstablished: boolean,
): Promise<NetworkLockMethod | undefined> {
  // criu holds single connections of a network that is shared, never the whole. Where it would do that by iptables it
  // does nothing before the first one; by nftables it makes its table at once.
  if (!tcpEstablished && procLink(init, 'ns/net') === procLink('self', 'ns/net')) return 'iptables';
  if (isIsolated(readFileSync(`/proc/${init}/net/dev`, 'utf8')) && (await canSkip(criuPath))) return 'skip';
  return isInPath('iptables-restore') ? undefined : 'nftables';
}

const answers = new Map<string, boolean>();

/** Asked once for each program, as it takes as long as a tenth of a checkpoint. One that is replaced gets newer. */
async function canSkip(criuPath: string): Promise<boolean> {
  const known = answers.get(criuPath) ?? compareVersions(await new Criu({ path: criuPath }).version(), knowsSkip) >= 0;
  answers.set(criuPath, known);
  return known;
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

import type { Config } from '@nsinit/config';
import type { Link, Netlink } from '@nsinit/netlink';

/** Counters of one interface of a container, as the container sees them: what it receives is `rx`. */
export interface InterfaceStats {
  /** Name of the host's end of a veth; of other kinds the name inside the container. */
  readonly name: string;
  readonly rxBytes: bigint;
  readonly rxPackets: bigint;
  readonly rxErrors: bigint;
  readonly rxDropped: bigint;
  readonly txBytes: bigint;
  readonly txPackets: bigint;
  readonly txErrors: bigint;
  readonly txDropped: bigint;
}

/**
 * Reads the counters of the interfaces; one that is gone is left out.
 *
 * @param owner directory of the container's state.
 * @param pid a process in the container's network namespace.
 */
export async function interfaceStats(config: Config, owner: string, pid: number): Promise<readonly InterfaceStats[]> {
  const networks = (config.networks ?? []).filter(({ type }) => type !== 'loopback');
  if (networks.length === 0) return [];
  const [{ Netlink }, { aliasOf, nameOf }] = await Promise.all([import('@nsinit/netlink'), import('./owner.ts')]);
  const veths = networks.some(({ type }) => type === 'veth') ? ownVeths(new Netlink(), aliasOf(owner)) : [];
  const others = networks.filter(({ type }) => type !== 'veth').map((network) => nameOf(network));
  return [...veths.map(turned), ...(others.length > 0 ? insideOf(new Netlink({ netns: { pid } }), others) : [])];
}

function ownVeths(host: Netlink, ifalias: string): readonly Link[] {
  using nl = host;
  return nl.links.list({ kind: 'veth' }).filter((link) => link.ifalias === ifalias);
}

function insideOf(inside: Netlink, names: readonly string[]): readonly InterfaceStats[] {
  using nl = inside;
  return names.flatMap((name) => nl.links.find(name) ?? []).map((link) => counters(link, 'rx', 'tx'));
}

/** What the host's end sends is what the container receives. */
const turned = (link: Link): InterfaceStats => counters(link, 'tx', 'rx');

function counters({ ifname, stats64 }: Link, received: 'rx' | 'tx', sent: 'rx' | 'tx'): InterfaceStats {
  const rx = stats64?.[received];
  const tx = stats64?.[sent];
  return {
    name: ifname,
    rxBytes: rx?.bytes ?? 0n,
    rxPackets: rx?.packets ?? 0n,
    rxErrors: rx?.errors ?? 0n,
    rxDropped: rx?.dropped ?? 0n,
    txBytes: tx?.bytes ?? 0n,
    txPackets: tx?.packets ?? 0n,
    txErrors: tx?.errors ?? 0n,
    txDropped: tx?.dropped ?? 0n,
  };
}

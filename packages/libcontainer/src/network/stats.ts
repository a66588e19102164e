import type { Config } from '@nsinit/config';
import { hostNameOf } from './veth.ts';

/** Counters of one interface of a container, as the container sees them: what it receives is `rx`. */
export interface InterfaceStats {
  /** Name of the host's end. */
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

/** Reads the counters of the host's ends; an end that is gone is left out. */
export async function interfaceStats(config: Config, containerId: string): Promise<readonly InterfaceStats[]> {
  const names = (config.networks ?? []).flatMap((network, index) =>
    network.type === 'veth' ? [hostNameOf(network, containerId, index)] : [],
  );
  if (names.length === 0) return [];
  const { Netlink } = await import('@nsinit/netlink');
  using host = new Netlink();
  return host.links
    .list({ kind: 'veth' })
    .filter(({ ifname, stats64 }) => names.includes(ifname) && stats64)
    .map(({ ifname, stats64 }) => {
      // What the host's end sends is what the container receives.
      const { rx, tx } = stats64!;
      return {
        name: ifname,
        rxBytes: tx.bytes,
        rxPackets: tx.packets,
        rxErrors: tx.errors,
        rxDropped: tx.dropped,
        txBytes: rx.bytes,
        txPackets: rx.packets,
        txErrors: rx.errors,
        txDropped: rx.dropped,
      };
    });
}

import type { Config } from '@nsinit/config';

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

/**
 * Reads the counters of the host's ends; an end that is gone is left out.
 *
 * @param owner directory of the container's state.
 */
export async function interfaceStats(config: Config, owner: string): Promise<readonly InterfaceStats[]> {
  if (!(config.networks ?? []).some(({ type }) => type === 'veth')) return [];
  const { Netlink } = await import('@nsinit/netlink');
  const { aliasOf } = await import('./veth.ts');
  using host = new Netlink();
  return host.links
    .list({ kind: 'veth' })
    .filter(({ ifalias, stats64 }) => ifalias === aliasOf(owner) && stats64)
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

import type { Network } from '@nsinit/config';
import type { Netlink } from '@nsinit/netlink';

/** Longest name of an interface, IFNAMSIZ less the NUL. */
const longestName = 15;

/** What an interface of a container is called inside when its configuration does not say. */
const defaultName = 'eth0';

/** Says on the host's end whose it is, so that one that was left behind can be found. ip-link(8), alias */
export function aliasOf(containerId: string): string {
  return `nsinit container ${containerId}`;
}

/** The name of the host's end: the configured one, or one made from the container's id and the interface's place. */
export function hostNameOf(network: Network, containerId: string, index: number): string {
  if (network.hostInterfaceName) return network.hostInterfaceName;
  let hash = 7;
  for (const byte of Buffer.from(`${containerId}/${index}`)) hash = (Math.imul(hash, 31) + byte) >>> 0;
  return `veth${hash.toString(16).padStart(8, '0')}`.slice(0, longestName);
}

/** Where a pair is made: on the host, with one end in the namespace of a process. */
export interface VethPlace {
  readonly host: Netlink;
  /** A process in the container's network namespace. */
  readonly pid: number;
  readonly containerId: string;
  /** The network's place in the configuration. */
  readonly index: number;
}

/**
 * Makes the pair with the container's end born in its namespace, and joins the host's end to its bridge. The pair goes
 * with the namespace.
 *
 * @throws {NetlinkError} as the kernel says it; nothing is left then.
 */
export function createVeth(network: Network, { host, pid, containerId, index }: VethPlace): void {
  const name = hostNameOf(network, containerId, index);
  const size = {
    ...(network.mtu ? { mtu: network.mtu } : {}),
    ...(network.txQueueLen ? { txqlen: network.txQueueLen } : {}),
  };
  host.links.add({
    kind: 'veth',
    ifname: name,
    ...size,
    peer: {
      ifname: network.name || defaultName,
      netns: { pid },
      ...size,
      ...(network.macAddress ? { address: network.macAddress } : {}),
    },
  });
  try {
    host.links.set(name, {
      ifalias: aliasOf(containerId),
      ...(network.bridge ? { master: network.bridge } : {}),
      up: true,
    });
    if (network.hairpinMode) host.links.set(name, { bridge_slave: { hairpin: true } });
  } catch (error) {
    host.links.delete(name);
    throw error;
  }
}

/**
 * Removes the host's end if it is this container's. The kernel would remove it with the network namespace, but some time
 * after it, and the name would be taken until then.
 */
export function removeVeth(name: string, host: Netlink, containerId: string): void {
  const link = host.links.list({ kind: 'veth' }).find(({ ifname }) => ifname === name);
  if (link?.ifalias !== aliasOf(containerId)) return;
  try {
    host.links.delete(name);
  } catch (error) {
    // It went by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ENODEV') throw error;
  }
}

/** Gives the container's end its addresses, brings it up, and sets the default routes. */
export function configureVeth(network: Network, inside: Netlink): void {
  const dev = network.name || defaultName;
  if (network.address) inside.addresses.add({ dev, local: network.address, broadcast: '+' });
  if (network.ipv6Address) inside.addresses.add({ dev, local: network.ipv6Address, nodad: true });
  inside.links.set(dev, { up: true });
  if (network.gateway) inside.routes.add({ dst: 'default', gateway: network.gateway, dev });
  if (network.ipv6Gateway) inside.routes.add({ dst: 'default', gateway: network.ipv6Gateway, dev, family: 'inet6' });
}

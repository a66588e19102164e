import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Network } from '@nsinit/config';
import type { Netlink } from '@nsinit/netlink';

/** Longest name of an interface, IFNAMSIZ less the NUL. */
const longestName = 15;

/** What an interface of a container is called inside when its configuration does not say. */
const defaultName = 'eth0';

/** How much of an id the alias shows: an alias has at most 255 bytes. */
const shownId = 64;

/** Ids are unique in one root only; the directory of a container's state is unique on the host. */
function digest(owner: string): string {
  return createHash('sha256').update(owner).digest('hex');
}

/**
 * Says on the host's end whose it is, so that one that was left behind can be found. ip-link(8), alias
 *
 * @param owner directory of the container's state.
 */
export function aliasOf(owner: string): string {
  return `nsinit container ${basename(owner).slice(0, shownId)} ${digest(owner).slice(0, 32)}`;
}

/** The name of the host's end: the configured one, or one made from the container and the interface's place. */
export function hostNameOf(network: Network, owner: string, index: number): string {
  return network.hostInterfaceName || `veth${digest(`${owner}/${index}`)}`.slice(0, longestName);
}

/** Where a pair is made: on the host, with one end in the namespace of a process. */
export interface VethPlace {
  readonly host: Netlink;
  /** A process in the container's network namespace. */
  readonly pid: number;
  /** Directory of the container's state. */
  readonly owner: string;
  /** The network's place in the configuration. */
  readonly index: number;
}

/**
 * Makes the pair with the container's end born in its namespace, and joins the host's end to its bridge. The pair goes
 * with the namespace.
 *
 * @throws {NetlinkError} as the kernel says it; nothing is left then.
 */
export function createVeth(network: Network, { host, pid, owner, index }: VethPlace): void {
  const name = hostNameOf(network, owner, index);
  const size = {
    ...(network.mtu ? { mtu: network.mtu } : {}),
    ...(network.txQueueLen ? { txqlen: network.txQueueLen } : {}),
  };
  host.links.add({
    kind: 'veth',
    ifname: name,
    ifalias: aliasOf(owner),
    ...(network.bridge ? { master: network.bridge } : {}),
    up: true,
    ...size,
    peer: {
      ifname: network.name || defaultName,
      netns: { pid },
      ...size,
      ...(network.macAddress ? { address: network.macAddress } : {}),
    },
  });
  if (!network.hairpinMode) return;
  try {
    host.links.set(name, { bridge_slave: { hairpin: true } });
  } catch (error) {
    host.links.delete(name);
    throw error;
  }
}

/**
 * Removes the host's ends of a container, whatever they are called. The kernel would remove them with the network namespace,
 * but some time after it, and their names would be taken until then.
 */
export function removeVeths(host: Netlink, owner: string): void {
  const ifalias = aliasOf(owner);
  for (const link of host.links.list({ kind: 'veth' }).filter((one) => one.ifalias === ifalias)) {
    try {
      host.links.delete(link.ifindex);
    } catch (error) {
      // It went by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENODEV') throw error;
    }
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

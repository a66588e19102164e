import type { Config, Network } from '@nsinit/config';
import type { Netlink } from '@nsinit/netlink';
import { asContainerError } from '../errors.ts';
import { checkBridge, onBridge } from '../network/bridge.ts';
import { setUpNetwork } from '../network/network.ts';
import { aliasOf, hostNameOf, nameOf } from '../network/owner.ts';
import { strategyOf } from './strategies.ts';

/** A veth of the container, with its name on the host. */
interface HostEnd {
  readonly network: Network;
  readonly name: string;
}

/** An interface of the container, with the name of its other end, or of the interface of the host below it. */
export interface InterfacePair {
  readonly inside: string;
  readonly outside: string;
}

function veths({ networks = [] }: Config, owner: string): readonly HostEnd[] {
  return networks.flatMap((network, index) =>
    strategyOf(network) === 'pair' ? [{ network, name: hostNameOf(network, owner, index) }] : [],
  );
}

/** The pairs that a restore makes. */
export function interfacePairs(config: Config, owner: string): readonly InterfacePair[] {
  return veths(config, owner).map(({ network, name }) => ({ inside: nameOf(network), outside: name }));
}

/** What a restore makes on top of interfaces of the host. */
export function interfacesAbove({ networks = [] }: Config): readonly InterfacePair[] {
  return networks.flatMap((network) =>
    strategyOf(network) === 'above' ? [{ inside: nameOf(network), outside: network.link! }] : [],
  );
}

/**
 * Makes the interfaces of a container whose images have none, in the new and empty network namespace of a process.
 *
 * @param owner directory of the container's state.
 * @throws {ContainerError} SystemError, naming field, step and errno.
 */
export async function makeInterfaces(config: Config, owner: string, pid: number): Promise<void> {
  if (config.networks?.some(({ type }) => type === 'loopback')) {
    const { Netlink } = await import('@nsinit/netlink');
    using inside = new Netlink({ netns: { pid } });
    inside.links.set('lo', { up: true });
  }
  await setUpNetwork(config, owner, pid);
}

/**
 * Takes the host's ends of a container's interfaces off their bridges, so that nothing is sent to a container that stands
 * still.
 *
 * @param owner directory of the container's state.
 * @throws {ContainerError} SystemError as the kernel says it.
 */
export async function detachInterfaces(config: Config, owner: string): Promise<void> {
  await eachEnd(config, owner, 'take the interface off its bridge', ({ network, name }, host) => {
    if (network.bridge) host.links.set(name, { master: null });
  });
}

/**
 * Marks what a restore has made on top of interfaces of the host as the container's.
 *
 * @param owner directory of the container's state.
 * @param pid a process in the container's network namespace.
 */
export async function markInterfacesAbove(config: Config, owner: string, pid: number): Promise<void> {
  const above = interfacesAbove(config);
  if (above.length === 0) return;
  const { Netlink } = await import('@nsinit/netlink');
  using nl = new Netlink({ netns: { pid } });
  for (const { inside } of above) nl.links.set(inside, { ifalias: aliasOf(owner) });
}

/**
 * Puts the host's ends back on their bridges. After a restore they are new ones, and are marked as the container's first.
 *
 * @param owner directory of the container's state.
 * @throws {ContainerError} SystemError as the kernel says it.
 */
export async function attachInterfaces(config: Config, owner: string): Promise<void> {
  await eachEnd(config, owner, 'put the interface on its bridge', async ({ network, name }, host) => {
    const { bridge, createBridge, hairpinMode } = network;
    const ifalias = aliasOf(owner);
    if (!bridge) return host.links.set(name, { ifalias, up: true });
    const attach = (): void => {
      host.links.set(name, { ifalias, up: true, master: bridge });
      if (hairpinMode) host.links.set(name, { bridge_slave: { hairpin: true } });
    };
    if (createBridge) return await onBridge(network, host, attach);
    checkBridge(bridge, host);
    attach();
  });
}

async function eachEnd(
  config: Config,
  owner: string,
  what: string,
  body: (end: HostEnd, host: Netlink) => void | Promise<void>,
): Promise<void> {
  const ends = veths(config, owner);
  if (ends.length === 0) return;
  const library = await import('@nsinit/netlink');
  using host = new library.Netlink();
  for (const end of ends) {
    try {
      await body(end, host);
    } catch (error) {
      throw asContainerError(error, `networks: ${what} ${end.name}`, { field: 'networks', step: what });
    }
  }
}

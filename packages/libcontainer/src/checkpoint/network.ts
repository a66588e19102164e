import type { Config, Network } from '@nsinit/config';
import type { Netlink } from '@nsinit/netlink';
import { asContainerError } from '../errors.ts';
import { checkBridge, onBridge } from '../network/bridge.ts';
import { aliasOf, hostNameOf, nameOf } from '../network/owner.ts';

/** A veth of the container, with its name on the host. */
interface HostEnd {
  readonly network: Network;
  readonly name: string;
}

/** An interface of the container, with the name of its other end. */
export interface InterfacePair {
  readonly inside: string;
  readonly outside: string;
}

function veths({ networks = [] }: Config, owner: string): readonly HostEnd[] {
  return networks.flatMap((network, index) =>
    network.type === 'veth' ? [{ network, name: hostNameOf(network, owner, index) }] : [],
  );
}

/** The pairs that a restore makes. */
export function interfacePairs(config: Config, owner: string): readonly InterfacePair[] {
  return veths(config, owner).map(({ network, name }) => ({ inside: nameOf(network), outside: name }));
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

import type { Config, Network } from '@nsinit/config';
import { asContainerError } from '../errors.ts';
import { onBridge } from '../network/bridge.ts';
import { aliasOf, hostNameOf } from '../network/owner.ts';

/** An interface of the container, with the name of its other end. */
export interface InterfacePair {
  readonly inside: string;
  readonly outside: string;
}

function veths(config: Config, owner: string): readonly { readonly network: Network; readonly name: string }[] {
  return (config.networks ?? []).flatMap((network, index) =>
    network.type === 'veth' ? [{ network, name: hostNameOf(network, owner, index) }] : [],
  );
}

/** The pairs that a restore makes. */
export function interfacePairs(config: Config, owner: string): readonly InterfacePair[] {
  return veths(config, owner).map(({ network, name }) => ({ inside: network.name || 'eth0', outside: name }));
}

/**
 * Takes the host's ends of a container's interfaces off their bridges, so that nobody is told of a container that stands
 * still.
 *
 * @param owner directory of the container's state.
 * @throws {ContainerError} SystemError as the kernel says it.
 */
export async function detachInterfaces(config: Config, owner: string): Promise<void> {
  await eachEnd(config, owner, 'take the interface off its bridge', async ({ network, name }, host) => {
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
    const attach = () =>
      host.links.set(name, {
        ifalias: aliasOf(owner),
        up: true,
        ...(network.bridge ? { master: network.bridge } : {}),
      });
    if (network.createBridge) await onBridge(network, host, attach);
    else attach();
    if (network.bridge && network.hairpinMode) host.links.set(name, { bridge_slave: { hairpin: true } });
  });
}

async function eachEnd(
  config: Config,
  owner: string,
  what: string,
  body: (
    end: ReturnType<typeof veths>[number],
    host: InstanceType<typeof import('@nsinit/netlink').Netlink>,
  ) => Promise<void>,
): Promise<void> {
  const ends = veths(config, owner);
  if (ends.length === 0) return;
  const { Netlink } = await import('@nsinit/netlink');
  using host = new Netlink();
  for (const end of ends) {
    try {
      await body(end, host);
    } catch (error) {
      throw asContainerError(error, `networks: ${what} ${end.name}`, { field: 'networks', step: what });
    }
  }
}

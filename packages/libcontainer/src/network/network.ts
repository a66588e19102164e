import type { Config, Network } from '@nsinit/config';
import { asContainerError, ContainerError } from '../errors.ts';

/** Whether a start has to do something about the network that the process itself does not do. */
export function needsNetwork(config: Config): boolean {
  return (config.routes ?? []).length > 0 || (config.networks ?? []).some(({ type }) => type === 'veth');
}

/**
 * Makes the container's interfaces and routes, from outside, while its process waits. What is made goes with the network
 * namespace.
 *
 * @param owner directory of the container's state: what is made is marked with it.
 * @param pid the process, which is in its network namespace.
 * @throws {ContainerError} SystemError, naming field, step and errno.
 */
export async function setUpNetwork(config: Config, owner: string, pid: number): Promise<void> {
  // Loaded only where used: most containers have the loopback interface alone.
  const { Netlink } = await import('@nsinit/netlink');
  const { configureVeth, createVeth } = await import('./veth.ts');
  await tearDownNetwork(config, owner);
  using host = new Netlink();
  const veths = (config.networks ?? []).flatMap((network, index) =>
    network.type === 'veth' ? [{ network, index }] : [],
  );
  for (const { network, index } of veths)
    await step(`networks[${index}]`, 'make the interface', () => {
      checkBridge(network, host.links.list());
      createVeth(network, { host, pid, owner, index });
    });
  using inside = new Netlink({ netns: { pid } });
  for (const { network, index } of veths)
    await step(`networks[${index}]`, 'configure the interface', () => configureVeth(network, inside));
  for (const [index, route] of (config.routes ?? []).entries())
    await step(`routes[${index}]`, 'add the route', () =>
      inside.routes.add({
        dst: route.destination || 'default',
        ...(route.source ? { prefsrc: route.source.replace(/\/.*/, '') } : {}),
        ...(route.gateway ? { gateway: route.gateway } : {}),
        ...(route.interfaceName ? { dev: route.interfaceName } : {}),
      }),
    );
}

/**
 * Removes the host's ends of a container's interfaces, so that their names are free at once.
 *
 * @throws {ContainerError} SystemError as the kernel says it.
 */
export async function tearDownNetwork(config: Config, owner: string): Promise<void> {
  if (!(config.networks ?? []).some(({ type }) => type === 'veth')) return;
  const { Netlink } = await import('@nsinit/netlink');
  const { removeVeths } = await import('./veth.ts');
  using host = new Netlink();
  await step('networks', 'remove the interfaces', () => removeVeths(host, owner));
}

function checkBridge({ bridge }: Network, links: readonly { readonly ifname: string }[]): void {
  if (!bridge || links.some(({ ifname }) => ifname === bridge)) return;
  throw new ContainerError('SystemError', `there is no bridge ${bridge} on this host`, {
    errno: 'ENODEV',
    hint: `make it: ip link add ${bridge} type bridge`,
  });
}

async function step(field: string, what: string, body: () => void): Promise<void> {
  try {
    body();
  } catch (error) {
    if (error instanceof ContainerError)
      throw new ContainerError(error.code, `${field}: ${what}: ${error.message}`, {
        field,
        step: what,
        ...(error.hint ? { hint: error.hint } : {}),
        cause: error,
      });
    throw asContainerError(error, `${field}: ${what}`, { field, step: what });
  }
}

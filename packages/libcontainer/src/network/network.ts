import type { Config, Network } from '@nsinit/config';
import { asContainerError, ContainerError } from '../errors.ts';
import type { PlannedNetworkStep } from './step.ts';

/** Whether interfaces are made or moved by this process. */
const needsInterfaces = ({ networks = [] }: Config): boolean =>
  networks.some(({ type }) => type !== 'loopback' && type !== 'user');

const userNetworkOf = ({
  networks = [],
}: Config): { readonly network: Network; readonly field: string } | undefined => {
  const index = networks.findIndex(({ type }) => type === 'user');
  const network = networks[index];
  return network && { network, field: `networks[${index}]` };
};

const needsKernel = (config: Config): boolean => (config.routes ?? []).length > 0 || needsInterfaces(config);

/** Whether a start has to do something about the network that the process itself does not do. */
export function needsNetwork(config: Config): boolean {
  return needsKernel(config) || userNetworkOf(config) !== undefined;
}

/**
 * Refuses what could not be done later, before anything is touched.
 *
 * @throws {ContainerError} SystemError, with the remedy.
 */
export async function checkNetwork(config: Config): Promise<void> {
  const user = userNetworkOf(config);
  if (!user) return;
  const { findProgram } = await import('./user/program.ts');
  await step(user.field, 'look for the program of the network', () => void findProgram(user.network, user.field));
}

/**
 * What a start does about the network, in order: it is done from outside, while the new process waits, and so is not among
 * its system calls. Nothing is touched. Names that depend on the container are shown as samples.
 */
export async function planNetwork(config: Config): Promise<readonly PlannedNetworkStep[]> {
  if (!needsNetwork(config)) return [];
  const { networkSteps } = await import('./steps.ts');
  const { userStep } = await import('./user/step.ts');
  const user = (config.networks ?? []).flatMap((one, index) => (one.type === 'user' ? [userStep(one, index)] : []));
  const steps = networkSteps(config, undefined).map(({ field, what, text }) => ({ field, what, text }));
  return [...user, ...steps];
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
  const user = userNetworkOf(config);
  if (user) {
    const { startUserNetwork } = await import('./user/start.ts');
    await step(user.field, 'start the program of the network', () =>
      startUserNetwork(user.network, { ...user, owner }, pid),
    );
  }
  if (!needsKernel(config)) return;
  // Loaded only where used: most containers have the loopback interface alone.
  const [{ Netlink }, { networkSteps }, { removeInterfaces }] = await Promise.all([
    import('@nsinit/netlink'),
    import('./steps.ts'),
    import('./tear-down.ts'),
  ]);
  using host = new Netlink();
  await step('networks', 'remove the interfaces', () => removeInterfaces(config, owner, host));
  using inside = new Netlink({ netns: { pid } });
  const place = { host, inside, pid, owner };
  for (const one of networkSteps(config, owner)) await step(one.field, one.what, () => one.take(place));
}

/**
 * Removes what was made for a container on the host, so that the names are free at once, and gives back what was moved.
 *
 * @throws {ContainerError} SystemError as the kernel says it.
 */
export async function tearDownNetwork(config: Config, owner: string): Promise<void> {
  const user = userNetworkOf(config);
  if (user) {
    const { untilUserNetworkGone } = await import('./user/stop.ts');
    await step(user.field, 'end the program of the network', () => untilUserNetworkGone({ ...user, owner }));
  }
  if (!needsInterfaces(config)) return;
  const [{ Netlink }, { removeInterfaces }] = await Promise.all([import('@nsinit/netlink'), import('./tear-down.ts')]);
  using host = new Netlink();
  await step('networks', 'remove the interfaces', () => removeInterfaces(config, owner, host));
}

async function step(field: string, what: string, body: () => void | Promise<void>): Promise<void> {
  try {
    await body();
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

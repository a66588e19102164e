import { type Config, containsNamespace, findNamespace, type Network } from '@nsinit/config';
import { ContainerError } from '../errors.ts';

/**
 * What becomes of a network in images: criu saves and makes it (`saved`), makes it as a pair with an end on the host
 * (`pair`), or on top of an interface of the host (`above`). What is not here cannot be saved.
 */
const strategies: Readonly<Record<string, 'saved' | 'pair' | 'above'>> = {
  loopback: 'saved',
  veth: 'pair',
  macvlan: 'above',
};

/** Why a kind that is known cannot be saved. */
const reasons: Readonly<Record<string, string>> = {
  ipvlan: 'criu does not know an ipvlan',
  phys: 'an interface that is borrowed from the host is a device, of which criu saves nothing',
};

/** What becomes of a network; undefined: it cannot be saved. */
export function strategyOf({ type }: Network): 'saved' | 'pair' | 'above' | undefined {
  return Object.hasOwn(strategies, type) ? strategies[type] : undefined;
}

/**
 * Says so before anything is touched when images cannot have the interfaces of a container.
 *
 * @param empty whether its network namespace is left out of the images: interfaces are made anew then, of every kind.
 * @throws {ContainerError} ConfigInvalid, naming the network and the remedy.
 */
export function checkNetworks(config: Config, empty: boolean, step: 'checkpoint' | 'restore'): void {
  const joined = findNamespace(config.namespaces, 'NEWNET')?.path;
  for (const [index, network] of (config.networks ?? []).entries()) {
    const field = `networks[${index}]`;
    const strategy = strategyOf(network);
    if (strategy === 'saved') continue;
    if (joined)
      throw new ContainerError(
        'ConfigInvalid',
        `${field}: an interface in a network namespace that is joined is no part of a checkpoint`,
        { step, field, hint: `leave the interfaces of ${joined} to whoever made it` },
      );
    // The other end would have to be made from inside, where nobody may do that.
    const reason =
      strategy === 'pair' && containsNamespace(config.namespaces, 'NEWUSER')
        ? 'criu cannot make a veth of a container with a user namespace again'
        : reasons[network.type];
    if (empty || (strategy && !reason)) continue;
    throw new ContainerError(
      'ConfigInvalid',
      `${field}: ${reason ?? `a network of type ${network.type} cannot be saved`}`,
      {
        step,
        field,
        hint: 'set emptyNetworkNamespace (--empty-ns network) for checkpoint and restore: interfaces are made anew then, without open connections',
      },
    );
  }
}

import type { Config, Network } from '@nsinit/config';
import { aboveStep, isAbove } from './above.ts';
import { configureStep, routeStep } from './configure.ts';
import { physStep } from './phys.ts';
import type { NetworkStep } from './step.ts';
import { vethSteps } from './veth.ts';

/** Everything that a start does about the network from outside, in order. */
export function networkSteps(
  { networks = [], routes = [] }: Config,
  owner: string | undefined,
): readonly NetworkStep[] {
  const interfaces = networks.map((network, index) => ({ network, index })).filter(({ network }) => isMade(network));
  return [
    ...interfaces.flatMap(({ network, index }) => makeSteps(network, index, owner)),
    ...interfaces.map(({ network, index }) => configureStep(network, index)),
    ...routes.map((route, index) => routeStep(route, index)),
  ];
}

/** Loopback the process brings up itself, and a user network has a program. */
const isMade = ({ type }: Network): boolean => type !== 'loopback' && type !== 'user';

function makeSteps(network: Network, index: number, owner: string | undefined): readonly NetworkStep[] {
  if (network.type === 'veth') return vethSteps(network, index, owner);
  if (isAbove(network)) return [aboveStep(network, index, owner)];
  return [physStep({ ...network, link: network.link ?? '' }, index)];
}

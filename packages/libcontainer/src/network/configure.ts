import type { Network, Route } from '@nsinit/config';
import { nameOf } from './owner.ts';
import { type NetworkStep, words } from './step.ts';

/** The step that gives an interface of the container its addresses, brings it up, and sets the default routes. */
export function configureStep(network: Network, index: number): NetworkStep {
  const { address, gateway, ipv6Address, ipv6Gateway } = network;
  const dev = nameOf(network);
  return {
    field: `networks[${index}]`,
    what: 'configure the interface',
    text: inside(
      address && `addr replace ${address} broadcast + dev ${dev}`,
      ipv6Address && `addr replace ${ipv6Address} dev ${dev} nodad`,
      `link set ${dev} up`,
      gateway && `route add default via ${gateway} dev ${dev}`,
      ipv6Gateway && `route add default via ${ipv6Gateway} dev ${dev}`,
    ),
    take({ inside: nl }) {
      if (address) nl.addresses.replace({ dev, local: address, broadcast: '+' });
      if (ipv6Address) nl.addresses.replace({ dev, local: ipv6Address, nodad: true });
      nl.links.set(dev, { up: true });
      if (gateway) nl.routes.add({ dst: 'default', gateway, dev });
      if (ipv6Gateway) nl.routes.add({ dst: 'default', gateway: ipv6Gateway, dev, family: 'inet6' });
    },
  };
}

/** The step that adds a route inside the container. */
export function routeStep({ destination, source, gateway, interfaceName }: Route, index: number): NetworkStep {
  const prefsrc = source?.replace(/\/.*/, '');
  const dst = destination || 'default';
  return {
    field: `routes[${index}]`,
    what: 'add the route',
    text: inside(
      words(
        'route add',
        dst,
        gateway && `via ${gateway}`,
        interfaceName && `dev ${interfaceName}`,
        prefsrc && `src ${prefsrc}`,
      ),
    ),
    take({ inside: nl }) {
      nl.routes.add({
        dst,
        ...(prefsrc ? { prefsrc } : {}),
        ...(gateway ? { gateway } : {}),
        ...(interfaceName ? { dev: interfaceName } : {}),
      });
    },
  };
}

const inside = (...commands: readonly (string | undefined)[]): string =>
  commands
    .filter(Boolean)
    .map((command) => `nsenter -n -t PID ip ${command}`)
    .join(' && ');

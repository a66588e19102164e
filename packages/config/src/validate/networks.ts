import type { Config } from '../config.ts';
import { NETWORK_TYPES } from '../network.ts';
import type { Checker } from './checker.ts';

/** Longest interface name, in bytes (IFNAMSIZ of linux/if.h less the final NUL). */
const NAME_MAX = 15;

/** Interfaces are of known types and have names that the kernel takes; routes say where to. */
export function checkNetworks({ networks, routes }: Config, checker: Checker): void {
  networks?.forEach((network, index) => {
    const place = `networks[${index}]`;
    checker.oneOf(`${place}.type`, 'network type', network.type, NETWORK_TYPES);
    checkName(`${place}.name`, network.name, checker);
    checkName(`${place}.bridge`, network.bridge, checker);
    checkName(`${place}.host_interface_name`, network.hostInterfaceName, checker);
  });
  routes?.forEach(({ destination, source, gateway, interfaceName }, index) => {
    const place = `routes[${index}]`;
    if (!destination && !source && !gateway) checker.add(place, 'one of destination, source and gateway is required');
    checkName(`${place}.interface_name`, interfaceName, checker);
  });
}

function checkName(path: string, name: string | undefined, checker: Checker): void {
  if (!name) return;
  if (Buffer.byteLength(name) > NAME_MAX) checker.add(path, `${JSON.stringify(name)} is longer than ${NAME_MAX} bytes`);
  if (name === '.' || name === '..' || /[\s/:]/.test(name)) {
    checker.add(path, `${JSON.stringify(name)} is not a name of an interface`);
  }
}

import { isIPv4, isIPv6 } from 'node:net';
import type { Config } from '../config.ts';
import { findNamespace } from '../namespaces.ts';
import { NETWORK_MODES, NETWORK_TYPES, type Network, type Route } from '../network.ts';
import type { Checker } from './checker.ts';
import { checkUserNetwork } from './user-network.ts';

/** Longest interface name, in bytes (IFNAMSIZ of linux/if.h less the final NUL). */
const NAME_MAX = 15;

/** Fields that only some types have; on others they would be ignored. */
const owners = {
  bridge: ['veth'],
  createBridge: ['veth'],
  masquerade: ['veth'],
  hairpinMode: ['veth'],
  hostInterfaceName: ['veth'],
  link: ['macvlan', 'ipvlan', 'phys'],
  mode: ['macvlan', 'ipvlan'],
  macAddress: ['veth', 'macvlan', 'ipvlan', 'phys'],
  txQueueLen: ['veth', 'macvlan', 'ipvlan', 'phys'],
  ipv6Address: ['veth', 'macvlan', 'ipvlan', 'phys'],
  ipv6Gateway: ['veth', 'macvlan', 'ipvlan', 'phys'],
  program: ['user'],
  ports: ['user'],
  dns: ['user'],
  hostLoopback: ['user'],
} as const satisfies Partial<Record<keyof Network, readonly string[]>>;

const keys = {
  createBridge: 'create_bridge',
  hairpinMode: 'hairpin_mode',
  hostInterfaceName: 'host_interface_name',
  macAddress: 'mac_address',
  txQueueLen: 'txqueuelen',
  ipv6Address: 'ipv6_address',
  ipv6Gateway: 'ipv6_gateway',
  hostLoopback: 'host_loopback',
} as const;

/** Interfaces are of known types and have names and addresses that the kernel takes; routes say where to. */
export function checkNetworks({ networks, routes, namespaces }: Config, checker: Checker): void {
  const names = new Map<string, number>();
  networks?.forEach((network, index) => {
    const place = `networks[${index}]`;
    const known = checker.oneOf(`${place}.type`, 'network type', network.type, NETWORK_TYPES);
    checkName(`${place}.name`, network.name, checker);
    checkName(`${place}.bridge`, network.bridge, checker);
    checkName(`${place}.link`, network.link, checker);
    checkName(`${place}.host_interface_name`, network.hostInterfaceName, checker);
    // What the original's samples say about loopback (`localhost` as gateway) never had an effect.
    if (!known || network.type === 'loopback') return;
    checkKind(place, network, checker);
    checkAddresses(place, network, checker);
    if (network.type === 'user') checkUserNetwork(place, network, findNamespace(namespaces, 'NEWNET'), checker);
    const name = network.name || (network.type === 'phys' ? (network.link ?? '') : 'eth0');
    const other = names.get(name);
    if (other !== undefined)
      checker.add(`${place}.name`, `${JSON.stringify(name)} is the name of networks[${other}] as well`);
    names.set(name, index);
  });
  const users = networks?.filter(({ type }) => type === 'user').length ?? 0;
  if (users > 1) checker.add('networks', 'a container has one network of the type user at most');
  routes?.forEach((route, index) => {
    const place = `routes[${index}]`;
    checkRoute(place, route, checker);
    checkName(`${place}.interface_name`, route.interfaceName, checker);
  });
}

function checkKind(place: string, network: Network, checker: Checker): void {
  const { type, link, mode, bridge, createBridge, masquerade, hairpinMode, macAddress } = network;
  for (const [name, types] of Object.entries(owners) as [keyof typeof owners, readonly string[]][]) {
    const key = name in keys ? keys[name as keyof typeof keys] : name;
    if (network[name] && !types.includes(type))
      checker.add(`${place}.${key}`, `a network of the type ${type} has none: it belongs to ${types.join(', ')}`);
  }
  if (owners.link.some((one) => one === type) && !link)
    checker.add(`${place}.link`, 'an interface of the host is required');
  const modes: readonly string[] | undefined =
    type === 'macvlan' || type === 'ipvlan' ? NETWORK_MODES[type] : undefined;
  if (modes && mode) checker.oneOf(`${place}.mode`, `mode of ${type}`, mode, modes);
  if (type === 'veth' && !bridge) {
    const needy = { create_bridge: createBridge, masquerade, hairpin_mode: hairpinMode };
    for (const [key, asked] of Object.entries(needy)) if (asked) checker.add(`${place}.${key}`, 'a bridge is required');
  }
  if (type === 'veth' && bridge && masquerade && !createBridge)
    checker.add(`${place}.masquerade`, 'create_bridge is required: the rule comes and goes with the bridge');
  if (!macAddress) return;
  if (type === 'ipvlan') checker.add(`${place}.mac_address`, 'an ipvlan has the address of its link');
  else if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(macAddress))
    checker.add(`${place}.mac_address`, `${JSON.stringify(macAddress)} is not an Ethernet address`);
  else if (Number.parseInt(macAddress.slice(0, 2), 16) & 1)
    checker.add(`${place}.mac_address`, `Multicast MAC Address is not supported: ${macAddress}`);
}

function checkAddresses(place: string, network: Network, checker: Checker): void {
  const { address, gateway, ipv6Address, ipv6Gateway } = network;
  const check = (key: string, value: string | undefined, valid: (value: string) => boolean, what: string): void => {
    if (value && !valid(value)) checker.add(`${place}.${key}`, `${JSON.stringify(value)} is not ${what}`);
  };
  check('address', address, isCidr(isIPv4, 32), 'an IPv4 address with prefix length, as 10.0.0.2/24');
  check('gateway', gateway, isIPv4, 'an IPv4 address');
  check('ipv6_address', ipv6Address, isCidr(isIPv6, 128), 'an IPv6 address with prefix length, as fd00::2/64');
  check('ipv6_gateway', ipv6Gateway, isIPv6, 'an IPv6 address');
}

function checkRoute(place: string, { destination, source, gateway }: Route, checker: Checker): void {
  if (!destination && !source && !gateway) checker.add(place, 'one of destination, source and gateway is required');
  const families = new Set<number>();
  const check = (key: string, what: string, value: string | undefined, hasLength: boolean): void => {
    if (!value) return;
    const address = hasLength ? value.replace(/\/.*/s, '') : value;
    const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : 0;
    const valid = value === address || isCidr(family === 4 ? isIPv4 : isIPv6, family === 4 ? 32 : 128)(value);
    if (family === 0 || !valid) checker.add(`${place}.${key}`, `${what} ${value} couldn't be parsed`);
    else families.add(family);
  };
  if (destination !== 'default') check('destination', 'destination CIDR', destination, true);
  check('source', 'source IP', source, true);
  check('gateway', 'gateway IP', gateway, false);
  if (families.size > 1) checker.add(place, 'gateway, source, and destination ip were not the same IP family');
}

/** Whether a text is an address of a family with a prefix length. */
function isCidr(isAddress: (text: string) => boolean, most: number): (text: string) => boolean {
  return (text) => {
    const [address = '', length = '', ...rest] = text.split('/');
    return rest.length === 0 && isAddress(address) && /^\d{1,3}$/.test(length) && Number(length) <= most;
  };
}

function checkName(path: string, name: string | undefined, checker: Checker): void {
  if (!name) return;
  if (Buffer.byteLength(name) > NAME_MAX) checker.add(path, `${JSON.stringify(name)} is longer than ${NAME_MAX} bytes`);
  if (name === '.' || name === '..' || /[\s/:%]/.test(name)) {
    checker.add(path, `${JSON.stringify(name)} is not a name of an interface`);
  }
}

import { readFileSync } from 'node:fs';
import type { Network } from '@nsinit/config';
import { type Link, type Netlink, randomMac } from '@nsinit/netlink';
import { ContainerError } from '../errors.ts';
import { withHostLock } from './host-lock.ts';
import { masquerade, masqueradeText, stopMasquerade } from './masquerade.ts';
import { bridgeAlias } from './owner.ts';
import { type NetworkStep, words } from './step.ts';

/** Which switch of the kernel lets packets of a family through from one interface to another. */
const forwarding = [
  { key: 'net.ipv4.ip_forward', field: 'address' },
  { key: 'net.ipv6.conf.all.forwarding', field: 'ipv6Address' },
] as const;

/** The addresses that a bridge is made with: the gateways, in the networks of the container's addresses. */
function addressesOf({ address, gateway, ipv6Address, ipv6Gateway }: Network): readonly string[] {
  const inNetwork = (local: string | undefined, network: string | undefined) =>
    local ? [`${local}/${network?.split('/')[1] ?? (local.includes(':') ? 128 : 32)}`] : [];
  return [...inNetwork(gateway, address), ...inNetwork(ipv6Gateway, ipv6Address)];
}

/** The step that makes a bridge, for a plan. It is taken together with the one that makes a port on it. */
export function bridgeStep(network: Network, index: number): NetworkStep {
  const bridge = network.bridge!;
  return {
    field: `networks[${index}].create_bridge`,
    what: 'make the bridge, unless it is there',
    text: [
      `ip link add ${bridge} up type bridge`,
      ...addressesOf(network).map((address) => words('ip addr add', address, 'dev', bridge)),
      ...(network.masquerade ? [masqueradeText(bridge)] : []),
    ].join(' && '),
    take() {
      if (!network.masquerade) return;
      for (const { key, field } of forwarding)
        if (network[field] && readFileSync(`/proc/sys/${key.replaceAll('.', '/')}`, 'utf8').trim() === '0')
          throw new ContainerError('SystemError', `this host does not forward packets: ${key} is 0`, {
            path: `/proc/sys/${key.replaceAll('.', '/')}`,
            hint: `allow it: sysctl -w ${key}=1`,
          });
    },
  };
}

/** @throws {ContainerError} when there is no such bridge. */
export function checkBridge(bridge: string, host: Netlink): void {
  if (host.links.find(bridge)) return;
  throw new ContainerError('SystemError', `there is no bridge ${bridge} on this host`, {
    errno: 'ENODEV',
    hint: `make it: ip link add ${bridge} type bridge; or have it made: "create_bridge": true`,
  });
}

const isOurs = (link: Link, bridge: string): boolean =>
  link.linkinfo?.info_kind === 'bridge' && link.ifalias === bridgeAlias(bridge);

/**
 * Makes a bridge that is not there, and something on it: between the look at the bridge and its new port nobody may find it
 * without a port, and remove it.
 */
export async function onBridge(network: Network, host: Netlink, makePort: () => void): Promise<void> {
  await withHostLock(() => {
    ensureBridge(network, host);
    makePort();
  });
}

/** Makes a bridge that is not there, and gives one that is ours what this network wants of it. */
function ensureBridge(network: Network, host: Netlink): void {
  const bridge = network.bridge!;
  const found = host.links.find(bridge);
  if (!found)
    // An address of its own: else it would have that of the lowest of its ports, and change with them.
    host.links.add({
      kind: 'bridge',
      ifname: bridge,
      ifalias: bridgeAlias(bridge),
      address: randomMac(),
      up: true,
    });
  else if (!isOurs(found, bridge)) {
    if (network.masquerade)
      throw new ContainerError(
        'SystemError',
        `the bridge ${bridge} is not ours: who made it decides what it masquerades`,
        {
          hint: 'remove masquerade from the configuration, or name a bridge that is not there',
        },
      );
    return;
  }
  for (const local of addressesOf(network))
    host.addresses.replace({ dev: bridge, local, ...(local.includes(':') ? { nodad: true } : { broadcast: '+' }) });
  if (network.masquerade) masquerade(bridge);
}

/** Removes a bridge that was made for containers, when no port is left on it. */
export async function releaseBridge(bridge: string, host: Netlink): Promise<void> {
  await withHostLock(() => {
    // One that was not named yet when its maker was killed is of the same kind, and has the same alias.
    for (const link of host.links.list({ kind: 'bridge' }).filter((one) => isOurs(one, bridge))) {
      if (host.links.list({ master: link.ifindex }).length > 0) continue;
      if (link.ifname === bridge) stopMasquerade(bridge);
      host.links.delete(link.ifindex);
    }
  });
}

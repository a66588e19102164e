import type { Network } from '@nsinit/config';
import { bridgeStep, checkBridge, onBridge } from './bridge.ts';
import { aliasOf, hostNameOf, nameOf } from './owner.ts';
import { type NetworkPlace, type NetworkStep, words } from './step.ts';

/** The steps that make a veth and join it to its bridge. */
export function vethSteps(network: Network, index: number, owner: string | undefined): readonly NetworkStep[] {
  const { bridge, createBridge, mtu, txQueueLen, macAddress, hairpinMode } = network;
  const name = hostNameOf(network, owner, index);
  const size = [mtu ? `mtu ${mtu}` : '', txQueueLen ? `txqueuelen ${txQueueLen}` : ''];
  const make: NetworkStep = {
    field: `networks[${index}]`,
    what: 'make the interface',
    text: words(
      'ip link add',
      name,
      ...size,
      bridge && `master ${bridge}`,
      'up type veth peer name',
      nameOf(network),
      'netns PID',
      ...size,
      macAddress && `address ${macAddress}`,
      hairpinMode && `&& bridge link set dev ${name} hairpin on`,
    ),
    async take(place) {
      if (createBridge) return await onBridge(network, place.host, () => createVeth(network, name, place));
      if (bridge) checkBridge(bridge, place.host);
      createVeth(network, name, place);
    },
  };
  return [...(bridge && createBridge ? [bridgeStep(network, index)] : []), make];
}

/**
 * Makes the pair with the container's end born in its namespace, and joins the host's end to its bridge. The pair goes
 * with the namespace.
 */
function createVeth(network: Network, name: string, { host, pid, owner }: NetworkPlace): void {
  const size = {
    ...(network.mtu ? { mtu: network.mtu } : {}),
    ...(network.txQueueLen ? { txqlen: network.txQueueLen } : {}),
  };
  host.links.add({
    kind: 'veth',
    ifname: name,
    ifalias: aliasOf(owner),
    ...(network.bridge ? { master: network.bridge } : {}),
    up: true,
    ...size,
    peer: {
      ifname: nameOf(network),
      netns: { pid },
      ...size,
      ...(network.macAddress ? { address: network.macAddress } : {}),
    },
  });
  if (!network.hairpinMode) return;
  try {
    host.links.set(name, { bridge_slave: { hairpin: true } });
  } catch (error) {
    host.links.delete(name);
    throw error;
  }
}

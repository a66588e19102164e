import { NETWORK_MODES, type Network } from '@nsinit/config';
import type { KindSettings } from '@nsinit/netlink';
import { checkLink } from './link.ts';
import { aliasOf, hostNameOf, nameOf } from './owner.ts';
import { type NetworkPlace, type NetworkStep, words } from './step.ts';

/** Kinds of interfaces on top of one of the host's. */
type Kind = keyof typeof NETWORK_MODES;

const defaultMode = { macvlan: 'bridge', ipvlan: 'l2' } as const satisfies Record<Kind, string>;

/** Whether a network is an interface on top of one of the host's. */
export const isAbove = (network: Network): network is Network & { readonly type: Kind; readonly link: string } =>
  Object.hasOwn(NETWORK_MODES, network.type);

/** The step that makes an interface on top of one of the host's, and moves it into the container. */
export function aboveStep(
  network: Network & { readonly type: Kind; readonly link: string },
  index: number,
  owner: string | undefined,
): NetworkStep {
  const { type, link, mode = defaultMode[type], mtu, txQueueLen, macAddress } = network;
  const passing = hostNameOf(network, owner, index);
  return {
    field: `networks[${index}]`,
    what: 'make the interface',
    text: words(
      `ip link add ${passing} link ${link}`,
      mtu ? `mtu ${mtu}` : '',
      txQueueLen ? `txqueuelen ${txQueueLen}` : '',
      macAddress && `address ${macAddress}`,
      `type ${type} mode ${mode} && ip link set ${passing} netns PID name ${nameOf(network)}`,
    ),
    take: (place) => make(network, passing, mode, place),
  };
}

/** Born on the host with the alias, so that it is found there and, where the namespace outlives the container, inside. */
function make(
  network: Network & { readonly type: Kind; readonly link: string },
  passing: string,
  mode: string,
  { host, pid, owner }: NetworkPlace,
): void {
  const { type, link, mtu, txQueueLen, macAddress } = network;
  checkLink(link, host);
  host.links.add({
    ...kindSettings(type, link, mode),
    ifname: passing,
    ifalias: aliasOf(owner),
    ...(mtu ? { mtu } : {}),
    ...(txQueueLen ? { txqlen: txQueueLen } : {}),
    ...(macAddress ? { address: macAddress } : {}),
  });
  try {
    host.links.set(passing, { netns: { pid }, ifname: nameOf(network) });
  } catch (error) {
    host.links.delete(passing);
    throw error;
  }
}

function kindSettings(kind: Kind, link: string, mode: string): KindSettings {
  if (kind === 'macvlan') return { kind, link, data: { mode: mode as 'bridge' } };
  return { kind, link, data: { mode: mode as 'l2' } };
}

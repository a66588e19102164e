import type { addrGenModeNames } from '../messages/names.ts';
import type { NamespaceRef } from '../namespace/namespace.ts';
import type { Device } from '../session.ts';
import type { Named } from '../wire/names.ts';
import type { BondData, BridgeData, BridgePortData, LinkData, VlanData, VxlanData } from './kinds.ts';

/** What can be said of a link when it is made and afterwards; what is not given stays as it is. */
export interface LinkSettings {
  /** The name: at most 15 bytes without `/`, `:` and white space; for {@link Links.set} the new one. `%d` in the name of a
   * new link stands for the first free number. */
  readonly ifname?: string;
  /** Up or down. */
  readonly up?: boolean;
  /** In bytes. */
  readonly mtu?: number;
  /** In packets. */
  readonly txqlen?: number;
  /** Link-layer address; for Ethernet no multicast address. */
  readonly address?: string;
  readonly broadcast?: string;
  /** The bridge, bond or VRF that it becomes a port of; null takes it out. */
  readonly master?: Device | null;
  /** Text of the administrator's, at most 255 bytes; empty text takes it away. */
  readonly ifalias?: string;
  /** The network namespace that it is made in or moves to. A link that moves is down and without addresses there. */
  readonly netns?: NamespaceRef;
  /** Whether it takes packets for others too. */
  readonly promisc?: boolean;
  /** Whether it takes all multicast packets. */
  readonly allmulti?: boolean;
  readonly multicast?: boolean;
  /** Whether it resolves neighbours with ARP. */
  readonly arp?: boolean;
  readonly dynamic?: boolean;
  /** Any number; 0 is `default` to `ip`. */
  readonly group?: number;
  readonly carrier?: boolean;
  readonly proto_down?: boolean;
  /** How IPv6 link-local addresses are made; `none` for a link that shall have none. */
  readonly inet6_addr_gen_mode?: Named<typeof addrGenModeNames>;
  /** In bytes. */
  readonly gso_max_size?: number;
  readonly gso_max_segs?: number;
}

/** What can be said only of a link that is being made. */
interface Birth {
  readonly ifname: string;
  /** Its index, which must be free; the next free one when undefined. */
  readonly ifindex?: number;
  readonly num_tx_queues?: number;
  readonly num_rx_queues?: number;
}

/**
 * The other end of a veth, with all that the kernel gives it when it is made. It cannot come up then: its own other end is
 * not there yet. Set it up from its namespace.
 */
export type VethPeerSettings = Omit<LinkSettings, 'up' | 'ifalias' | 'master' | 'promisc' | 'allmulti'> &
  Partial<Birth>;

/** Kinds that this library has no data for: bytes of IFLA_INFO_DATA are passed on as they are. */
type OtherKind = string & Record<never, never>;

/** The kind of a link and what the kind wants to know. Which kinds there are is the kernel's configuration. */
export type KindSettings =
  | { readonly kind: 'dummy' | 'ifb' }
  | { readonly kind: 'bridge'; readonly data?: BridgeData }
  | { readonly kind: 'bond'; readonly data?: BondData }
  | { readonly kind: 'veth'; readonly peer: VethPeerSettings }
  | { readonly kind: 'vlan'; readonly link: Device; readonly data: VlanData & { readonly id: number } }
  | { readonly kind: 'macvlan' | 'macvtap'; readonly link: Device; readonly data?: LinkData['macvlan'] }
  | { readonly kind: 'ipvlan' | 'ipvtap'; readonly link: Device; readonly data?: LinkData['ipvlan'] }
  | { readonly kind: 'vxlan'; readonly data: VxlanData & { readonly id: number } }
  | { readonly kind: 'vrf'; readonly data: { readonly table: number } }
  | { readonly kind: OtherKind; readonly link?: Device; readonly data?: Uint8Array };

/** A link to be made. */
export type NewLink = LinkSettings & Birth & KindSettings;

/** What can be changed of a link. */
export type LinkChange = LinkSettings & {
  /** The new index in the namespace that it moves to; kernel 5.14 or newer. */
  readonly new_ifindex?: number;
  /** Data of its kind, which must be named: `{ kind: 'bridge', data: { stp_state: 1 } }`. */
  readonly kind?: keyof LinkData;
  readonly data?: LinkData[keyof LinkData];
  /** As a port of a bridge: `{ hairpin: true, isolated: true }`. */
  readonly bridge_slave?: BridgePortData;
};

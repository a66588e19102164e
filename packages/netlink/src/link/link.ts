import type {
  addrGenModeNames,
  linkFlagNames,
  linkmodeNames,
  linkTypeNames,
  operstateNames,
} from '../messages/names.ts';
import type { UnknownAttribute } from '../wire/attributes.ts';
import type { Named } from '../wire/names.ts';
import type { LinkData, LinkSlaveData } from './kinds.ts';

/** A flag of a link, without its IFF_. `NO-CARRIER` is what `ip` says of a link that is up without a partner. */
export type LinkFlag = Exclude<keyof typeof linkFlagNames, 'RUNNING'> | 'NO-CARRIER' | `0x${string}`;

/** What kind of link it is, and what it is a port of. */
export interface LinkInfo {
  /** `bridge`, `veth`; undefined for hardware and loopback. */
  readonly info_kind?: string;
  /** The data of the kind; bytes for a kind without a table here. Read it with {@link dataOf}. */
  readonly info_data?: LinkData[keyof LinkData] | Uint8Array;
  /** The kind of the master, where it keeps data for its ports. */
  readonly info_slave_kind?: string;
  /** The data that the master keeps for this port. Read it with {@link portDataOf}. */
  readonly info_slave_data?: LinkSlaveData[keyof LinkSlaveData] | Uint8Array;
}

/** Counters of a link: of 64 bits, since it was made. */
export interface LinkStats {
  readonly rx: {
    readonly bytes: bigint;
    readonly packets: bigint;
    readonly errors: bigint;
    readonly dropped: bigint;
    readonly over_errors: bigint;
    readonly multicast: bigint;
    readonly length_errors: bigint;
    readonly crc_errors: bigint;
    readonly frame_errors: bigint;
    readonly fifo_errors: bigint;
    readonly missed_errors: bigint;
    readonly nohandler: bigint;
    readonly compressed: bigint;
  };
  readonly tx: {
    readonly bytes: bigint;
    readonly packets: bigint;
    readonly errors: bigint;
    readonly dropped: bigint;
    readonly carrier_errors: bigint;
    readonly collisions: bigint;
    readonly aborted_errors: bigint;
    readonly fifo_errors: bigint;
    readonly window_errors: bigint;
    readonly heartbeat_errors: bigint;
    readonly compressed: bigint;
  };
}

/** A network interface, with the names that `ip -d -j link` uses. A field is undefined where the kernel says nothing. */
export interface Link {
  readonly ifindex: number;
  readonly ifname: string;
  /** The link below or the other end, in this namespace; null for a link that could have one and has none. */
  readonly link?: string | null;
  /** Its index when it is in another namespace: {@link Link.link_netnsid} says in which. */
  readonly link_index?: number;
  /** The namespace of the link below or the other end, by a number that this namespace knows it by. */
  readonly link_netnsid?: number;
  readonly flags: readonly LinkFlag[];
  /** In bytes. */
  readonly mtu?: number;
  /** The kind of the queueing discipline at the root. */
  readonly qdisc?: string;
  /** The bridge, bond or VRF that it is a port of. */
  readonly master?: string;
  readonly operstate?: Named<typeof operstateNames>;
  readonly linkmode?: Named<typeof linkmodeNames>;
  /** 0 is what `ip` calls `default`. */
  readonly group?: number;
  /** In packets. */
  readonly txqlen?: number;
  readonly link_type: Named<typeof linkTypeNames>;
  /** Link-layer address. */
  readonly address?: string;
  /** Link-layer broadcast address; the other end's address of a point-to-point link. */
  readonly broadcast?: string;
  /** The address that the hardware came with, where it is another. */
  readonly permaddr?: string;
  /** How many ask for all packets. */
  readonly promiscuity?: number;
  /** How many ask for all multicast packets; kernel 6.0 or newer. */
  readonly allmulti?: number;
  readonly min_mtu?: number;
  /** 0 for no limit. */
  readonly max_mtu?: number;
  readonly linkinfo?: LinkInfo;
  readonly inet6_addr_gen_mode?: Named<typeof addrGenModeNames>;
  readonly num_tx_queues?: number;
  readonly num_rx_queues?: number;
  readonly gso_max_size?: number;
  readonly gso_max_segs?: number;
  readonly tso_max_size?: number;
  readonly tso_max_segs?: number;
  readonly gro_max_size?: number;
  readonly parentbus?: string;
  readonly parentdev?: string;
  /** Text of the administrator's. */
  readonly ifalias?: string;
  readonly altnames?: readonly string[];
  readonly carrier?: boolean;
  readonly carrier_changes?: number;
  readonly proto_down?: boolean;
  readonly stats64?: LinkStats;
  /** Attributes that this library has no name for; not enumerable, so that printing leaves them out. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** The data of a link when it is of the kind: `dataOf(link, 'bridge')?.stp_state`. */
export function dataOf<K extends keyof LinkData>(link: Link, kind: K): LinkData[K] | undefined {
  const { info_kind, info_data } = link.linkinfo ?? {};
  return info_kind === kind ? (info_data as LinkData[K] | undefined) : undefined;
}

/** What its master keeps for a link when the master is of the kind: `portDataOf(link, 'bridge')?.hairpin`. */
export function portDataOf<K extends keyof LinkSlaveData>(link: Link, kind: K): LinkSlaveData[K] | undefined {
  const { info_slave_kind, info_slave_data } = link.linkinfo ?? {};
  return info_slave_kind === kind ? (info_slave_data as LinkSlaveData[K] | undefined) : undefined;
}

import { ifla, iflaInet6, iflaInfo, veth as vethInfo } from '../constants/link.ts';
import { families } from '../constants/names.ts';
import { nla } from '../constants/netlink.ts';
import { inField } from '../errors.ts';
import { ip, lladdr } from '../wire/address.ts';
import {
  type Attributes,
  attributes,
  eachAttribute,
  isContainer,
  list,
  type UnknownAttribute,
  writeAttribute,
} from '../wire/attributes.ts';
import type { Bytes, Writer } from '../wire/bytes.ts';
import { align } from '../wire/bytes.ts';
import type { AttributeTable, Codec, ValueOf } from '../wire/codec.ts';
import { type Message, message } from '../wire/message.ts';
import { flags, name } from '../wire/names.ts';
import { boolean, s32, u8, u16, u32, u64 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { raw, text } from '../wire/text.ts';
import { bondData } from './bond.ts';
import { bridgeData, bridgePortData } from './bridge.ts';
import { ipvlanData, macvlanData, tunData, vlanData, vrfData, vrfSlaveData, vxlanData } from './kinds.ts';
import { addrGenModeNames, linkFlagNames, linkmodeNames, linkTypeNames, operstateNames } from './names.ts';

/** struct ifinfomsg. `change` is the mask of flags that a request sets. */
export const ifinfomsg = struct({
  family: u8,
  type: name(u16, linkTypeNames),
  index: s32,
  flags: flags(u32, linkFlagNames),
  change: u32,
});

/** struct rtnl_link_stats64, up to rx_nohandler (kernel 4.6). */
const stats64 = struct({
  rx_packets: u64,
  tx_packets: u64,
  rx_bytes: u64,
  tx_bytes: u64,
  rx_errors: u64,
  tx_errors: u64,
  rx_dropped: u64,
  tx_dropped: u64,
  multicast: u64,
  collisions: u64,
  rx_length_errors: u64,
  rx_over_errors: u64,
  rx_crc_errors: u64,
  rx_frame_errors: u64,
  rx_fifo_errors: u64,
  rx_missed_errors: u64,
  tx_aborted_errors: u64,
  tx_carrier_errors: u64,
  tx_fifo_errors: u64,
  tx_heartbeat_errors: u64,
  tx_window_errors: u64,
  rx_compressed: u64,
  tx_compressed: u64,
  rx_nohandler: u64,
});

/** The counters of a link as the kernel sends them. */
export type WireStats = ValueOf<typeof stats64>;

const inet6 = attributes({
  flags: [iflaInet6.IFLA_INET6_FLAGS, u32],
  token: [iflaInet6.IFLA_INET6_TOKEN, ip],
  addr_gen_mode: [iflaInet6.IFLA_INET6_ADDR_GEN_MODE, name(u8, addrGenModeNames)],
} as const);

/** Attributes of a link except IFLA_LINKINFO. */
export const linkTable = {
  ifname: [ifla.IFLA_IFNAME, text],
  link: [ifla.IFLA_LINK, u32],
  mtu: [ifla.IFLA_MTU, u32],
  qdisc: [ifla.IFLA_QDISC, text],
  master: [ifla.IFLA_MASTER, u32],
  operstate: [ifla.IFLA_OPERSTATE, name(u8, operstateNames)],
  linkmode: [ifla.IFLA_LINKMODE, name(u8, linkmodeNames)],
  group: [ifla.IFLA_GROUP, u32],
  txqlen: [ifla.IFLA_TXQLEN, u32],
  address: [ifla.IFLA_ADDRESS, lladdr],
  broadcast: [ifla.IFLA_BROADCAST, lladdr],
  perm_address: [ifla.IFLA_PERM_ADDRESS, lladdr],
  link_netnsid: [ifla.IFLA_LINK_NETNSID, s32],
  new_netnsid: [ifla.IFLA_NEW_NETNSID, s32],
  new_ifindex: [ifla.IFLA_NEW_IFINDEX, s32],
  promiscuity: [ifla.IFLA_PROMISCUITY, u32],
  allmulti: [ifla.IFLA_ALLMULTI, u32],
  min_mtu: [ifla.IFLA_MIN_MTU, u32],
  max_mtu: [ifla.IFLA_MAX_MTU, u32],
  af_spec: [
    ifla.IFLA_AF_SPEC,
    attributes({ inet: [families.AF_INET, raw], inet6: [families.AF_INET6, inet6] } as const),
  ],
  num_tx_queues: [ifla.IFLA_NUM_TX_QUEUES, u32],
  num_rx_queues: [ifla.IFLA_NUM_RX_QUEUES, u32],
  gso_max_size: [ifla.IFLA_GSO_MAX_SIZE, u32],
  gso_max_segs: [ifla.IFLA_GSO_MAX_SEGS, u32],
  tso_max_size: [ifla.IFLA_TSO_MAX_SIZE, u32],
  tso_max_segs: [ifla.IFLA_TSO_MAX_SEGS, u32],
  gro_max_size: [ifla.IFLA_GRO_MAX_SIZE, u32],
  carrier: [ifla.IFLA_CARRIER, boolean(u8)],
  carrier_changes: [ifla.IFLA_CARRIER_CHANGES, u32],
  carrier_up_count: [ifla.IFLA_CARRIER_UP_COUNT, u32],
  carrier_down_count: [ifla.IFLA_CARRIER_DOWN_COUNT, u32],
  proto_down: [ifla.IFLA_PROTO_DOWN, boolean(u8)],
  parentbus: [ifla.IFLA_PARENT_DEV_BUS_NAME, text],
  parentdev: [ifla.IFLA_PARENT_DEV_NAME, text],
  ifalias: [ifla.IFLA_IFALIAS, text],
  altnames: [ifla.IFLA_PROP_LIST, list(ifla.IFLA_ALT_IFNAME, text)],
  alt_ifname: [ifla.IFLA_ALT_IFNAME, text],
  stats64: [ifla.IFLA_STATS64, stats64],
  net_ns_pid: [ifla.IFLA_NET_NS_PID, u32],
  net_ns_fd: [ifla.IFLA_NET_NS_FD, u32],
  ext_mask: [ifla.IFLA_EXT_MASK, u32],
} as const satisfies AttributeTable;

/** The peer of a veth: a link message without a header of its own. */
export type VethPeer = Message<ValueOf<typeof ifinfomsg>, typeof linkTable>;

const peerAttributes = attributes(linkTable);

const vethPeer: Codec<VethPeer> = {
  shape: { kind: 'struct', fields: { header: ifinfomsg, attributes: peerAttributes } },
  write(out, value) {
    ifinfomsg.write(out, value.header);
    inField('attributes', () => peerAttributes.write(out, value.attributes));
  },
  read(bytes, at, end) {
    const header = ifinfomsg.read(bytes, at, end);
    return { header, attributes: peerAttributes.read(bytes, Math.min(end, at + align(ifinfomsg.size)), end) };
  },
};

/** IFLA_INFO_DATA by kind. */
export const kindData = {
  bridge: bridgeData,
  bond: bondData,
  ipvlan: ipvlanData,
  ipvtap: ipvlanData,
  macvlan: macvlanData,
  macvtap: macvlanData,
  tun: tunData,
  veth: attributes({ peer: [vethInfo.VETH_INFO_PEER, vethPeer] } as const),
  vlan: vlanData,
  vrf: vrfData,
  vxlan: vxlanData,
} as const satisfies Readonly<Record<string, Codec<unknown>>>;

/** IFLA_INFO_SLAVE_DATA by the kind of the master. */
export const slaveData = { bridge: bridgePortData, vrf: vrfSlaveData } as const satisfies Readonly<
  Record<string, Codec<unknown>>
>;

/** The data of a kind of links that has a table here. */
export type KindData = { readonly [K in keyof typeof kindData]: ValueOf<(typeof kindData)[K]> };

/** The data that the ports of a kind of masters have. */
export type SlaveData = { readonly [K in keyof typeof slaveData]: ValueOf<(typeof slaveData)[K]> };

/** IFLA_LINKINFO as it is on the wire; data of a kind without a table stay bytes. */
export interface WireLinkInfo {
  readonly info_kind?: string;
  readonly info_data?: KindData[keyof KindData] | Uint8Array;
  readonly info_slave_kind?: string;
  readonly info_slave_data?: SlaveData[keyof SlaveData] | Uint8Array;
  readonly unknown?: readonly UnknownAttribute[];
}

function dataCodec(table: Readonly<Record<string, Codec<unknown>>>, kind: string | undefined): Codec<unknown> {
  return kind !== undefined && Object.hasOwn(table, kind) ? table[kind]! : raw;
}

/** IFLA_LINKINFO, whose data can be read only when the kind is known. */
export const linkInfo: Codec<WireLinkInfo> = {
  shape: { kind: 'union', members: [...Object.values(kindData), ...Object.values(slaveData)] },
  write(out: Writer, value: WireLinkInfo): void {
    const put = <T>(field: string, type: number, codec: Codec<T>, given: T | undefined): void => {
      if (given === undefined) return;
      const flagged = isContainer(codec) ? type | nla.NLA_F_NESTED : type;
      inField(field, () => writeAttribute(out, flagged, (inner) => codec.write(inner, given)));
    };
    const { info_kind, info_data, info_slave_kind, info_slave_data } = value;
    put('info_kind', iflaInfo.IFLA_INFO_KIND, text, info_kind);
    put(
      'info_data',
      iflaInfo.IFLA_INFO_DATA,
      info_data instanceof Uint8Array ? raw : dataCodec(kindData, info_kind),
      info_data,
    );
    put('info_slave_kind', iflaInfo.IFLA_INFO_SLAVE_KIND, text, info_slave_kind);
    put(
      'info_slave_data',
      iflaInfo.IFLA_INFO_SLAVE_DATA,
      info_slave_data instanceof Uint8Array ? raw : dataCodec(slaveData, info_slave_kind),
      info_slave_data,
    );
    for (const { type, payload } of value.unknown ?? []) writeAttribute(out, type, (inner) => inner.append(payload));
  },
  read(bytes: Bytes, start: number, end: number): WireLinkInfo {
    const known = envelope.read(bytes, start, end);
    const value: Record<string, unknown> = { ...known };
    eachAttribute(bytes, start, end, (type, at, stop) => {
      const number = type & 0x3fff;
      if (number === iflaInfo.IFLA_INFO_DATA)
        value['info_data'] = dataCodec(kindData, known.info_kind).read(bytes, at, stop);
      else if (number === iflaInfo.IFLA_INFO_SLAVE_DATA)
        value['info_slave_data'] = dataCodec(slaveData, known.info_slave_kind).read(bytes, at, stop);
    });
    return value as WireLinkInfo;
  },
};

/** The same with its data as bytes. */
const envelope = attributes({
  info_kind: [iflaInfo.IFLA_INFO_KIND, text],
  info_data: [iflaInfo.IFLA_INFO_DATA, raw],
  info_slave_kind: [iflaInfo.IFLA_INFO_SLAVE_KIND, text],
  info_slave_data: [iflaInfo.IFLA_INFO_SLAVE_DATA, raw],
} as const);

/** RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK: rtnetlink(7). */
export const linkMessage = message(ifinfomsg, { ...linkTable, linkinfo: [ifla.IFLA_LINKINFO, linkInfo] } as const);

/** A link as it is on the wire. */
export type LinkMessage = ReturnType<typeof linkMessage.decode>;

/** The attributes of a link on the wire. */
export type LinkAttributes = Attributes<typeof linkMessage.table>;

import { iflaIpvlan, iflaMacvlan, iflaTun, iflaVlan, iflaVrf, iflaVxlan } from '../constants/kinds.ts';
import { vlanFlags } from '../constants/names.ts';
import { ip, lladdr } from '../wire/address.ts';
import { attributes, list } from '../wire/attributes.ts';
import { flags, name } from '../wire/names.ts';
import { be16, be32, boolean, flag, u8, u16, u32 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { ipvlanModeNames, macvlanModeNames, vlanProtocolNames } from './names.ts';

/** Flags of a VLAN. */
export const vlanFlagNames = {
  REORDER_HDR: vlanFlags.VLAN_FLAG_REORDER_HDR,
  GVRP: vlanFlags.VLAN_FLAG_GVRP,
  LOOSE_BINDING: vlanFlags.VLAN_FLAG_LOOSE_BINDING,
  MVRP: vlanFlags.VLAN_FLAG_MVRP,
  BRIDGE_BINDING: vlanFlags.VLAN_FLAG_BRIDGE_BINDING,
} as const;

const qosMap = list(iflaVlan.IFLA_VLAN_QOS_MAPPING, struct({ from: u32, to: u32 }));

/** IFLA_INFO_DATA of a vlan: linux/if_vlan.h. */
export const vlanData = attributes({
  protocol: [iflaVlan.IFLA_VLAN_PROTOCOL, name(be16, vlanProtocolNames)],
  id: [iflaVlan.IFLA_VLAN_ID, u16],
  flags: [iflaVlan.IFLA_VLAN_FLAGS, struct({ flags: flags(u32, vlanFlagNames), mask: u32 })],
  ingress_qos: [iflaVlan.IFLA_VLAN_INGRESS_QOS, qosMap],
  egress_qos: [iflaVlan.IFLA_VLAN_EGRESS_QOS, qosMap],
} as const);

/** IFLA_INFO_DATA of a macvlan and a macvtap. */
export const macvlanData = attributes({
  mode: [iflaMacvlan.IFLA_MACVLAN_MODE, name(u32, macvlanModeNames)],
  flags: [iflaMacvlan.IFLA_MACVLAN_FLAGS, flags(u16, { nopromisc: 1, nodst: 2 } as const)],
  macaddr_mode: [iflaMacvlan.IFLA_MACVLAN_MACADDR_MODE, name(u32, { add: 0, del: 1, flush: 2, set: 3 } as const)],
  macaddr: [iflaMacvlan.IFLA_MACVLAN_MACADDR, lladdr],
  macaddr_count: [iflaMacvlan.IFLA_MACVLAN_MACADDR_COUNT, u32],
  macaddr_data: [iflaMacvlan.IFLA_MACVLAN_MACADDR_DATA, list(iflaMacvlan.IFLA_MACVLAN_MACADDR, lladdr)],
  bcqueuelen: [iflaMacvlan.IFLA_MACVLAN_BC_QUEUE_LEN, u32],
  usedbcqueuelen: [iflaMacvlan.IFLA_MACVLAN_BC_QUEUE_LEN_USED, u32],
} as const);

/** IFLA_INFO_DATA of an ipvlan and an ipvtap. */
export const ipvlanData = attributes({
  mode: [iflaIpvlan.IFLA_IPVLAN_MODE, name(u16, ipvlanModeNames)],
  /** How the links of one parent see each other: all of them as on a bridge when there is no flag. */
  flags: [iflaIpvlan.IFLA_IPVLAN_FLAGS, flags(u16, { private: 1, vepa: 2 } as const)],
} as const);

/** IFLA_INFO_DATA of a vrf. */
export const vrfData = attributes({ table: [iflaVrf.IFLA_VRF_TABLE, u32] } as const);

/** IFLA_INFO_SLAVE_DATA of a link in a vrf. */
export const vrfSlaveData = attributes({ table: [iflaVrf.IFLA_VRF_PORT_TABLE, u32] } as const);

/** IFLA_INFO_DATA of a vxlan. */
export const vxlanData = attributes({
  id: [iflaVxlan.IFLA_VXLAN_ID, u32],
  group: [iflaVxlan.IFLA_VXLAN_GROUP, ip],
  group6: [iflaVxlan.IFLA_VXLAN_GROUP6, ip],
  link: [iflaVxlan.IFLA_VXLAN_LINK, u32],
  local: [iflaVxlan.IFLA_VXLAN_LOCAL, ip],
  local6: [iflaVxlan.IFLA_VXLAN_LOCAL6, ip],
  port_range: [iflaVxlan.IFLA_VXLAN_PORT_RANGE, struct({ low: be16, high: be16 })],
  port: [iflaVxlan.IFLA_VXLAN_PORT, be16],
  learning: [iflaVxlan.IFLA_VXLAN_LEARNING, boolean(u8)],
  proxy: [iflaVxlan.IFLA_VXLAN_PROXY, boolean(u8)],
  rsc: [iflaVxlan.IFLA_VXLAN_RSC, boolean(u8)],
  l2miss: [iflaVxlan.IFLA_VXLAN_L2MISS, boolean(u8)],
  l3miss: [iflaVxlan.IFLA_VXLAN_L3MISS, boolean(u8)],
  tos: [iflaVxlan.IFLA_VXLAN_TOS, u8],
  ttl: [iflaVxlan.IFLA_VXLAN_TTL, u8],
  ttl_inherit: [iflaVxlan.IFLA_VXLAN_TTL_INHERIT, flag],
  df: [iflaVxlan.IFLA_VXLAN_DF, name(u8, { unset: 0, set: 1, inherit: 2 } as const)],
  label: [iflaVxlan.IFLA_VXLAN_LABEL, be32],
  ageing: [iflaVxlan.IFLA_VXLAN_AGEING, u32],
  limit: [iflaVxlan.IFLA_VXLAN_LIMIT, u32],
  external: [iflaVxlan.IFLA_VXLAN_COLLECT_METADATA, boolean(u8)],
  udp_csum: [iflaVxlan.IFLA_VXLAN_UDP_CSUM, boolean(u8)],
  udp_zero_csum6_tx: [iflaVxlan.IFLA_VXLAN_UDP_ZERO_CSUM6_TX, boolean(u8)],
  udp_zero_csum6_rx: [iflaVxlan.IFLA_VXLAN_UDP_ZERO_CSUM6_RX, boolean(u8)],
  gbp: [iflaVxlan.IFLA_VXLAN_GBP, flag],
} as const);

/** IFLA_INFO_DATA of a tun or tap; read only. */
export const tunData = attributes({
  type: [iflaTun.IFLA_TUN_TYPE, name(u8, { tun: 1, tap: 2 } as const)],
  pi: [iflaTun.IFLA_TUN_PI, boolean(u8)],
  vnet_hdr: [iflaTun.IFLA_TUN_VNET_HDR, boolean(u8)],
  multi_queue: [iflaTun.IFLA_TUN_MULTI_QUEUE, boolean(u8)],
  persist: [iflaTun.IFLA_TUN_PERSIST, boolean(u8)],
  user: [iflaTun.IFLA_TUN_OWNER, u32],
  group: [iflaTun.IFLA_TUN_GROUP, u32],
} as const);

import { iflaBr, iflaBrport } from '../constants/bridge.ts';
import { lladdr } from '../wire/address.ts';
import { attributes } from '../wire/attributes.ts';
import type { FixedCodec } from '../wire/codec.ts';
import { name } from '../wire/names.ts';
import { be16, boolean, mapped, u8, u16, u32, u64 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { vlanProtocolNames } from './names.ts';

const bytes8 = struct({ b0: u8, b1: u8, b2: u8, b3: u8, b4: u8, b5: u8, b6: u8, b7: u8 });

/** struct ifla_bridge_id: priority and address, `8000.2:42:ac:11:0:2` as `ip` writes it. */
const bridgeId: FixedCodec<string> = mapped(
  bytes8,
  (id) => {
    const [p0, p1, ...mac] = Object.values(id).map((byte) => byte.toString(16)) as [string, string, ...string[]];
    return `${p0.padStart(2, '0')}${p1.padStart(2, '0')}.${mac.join(':')}`;
  },
  (text) => {
    const [priority, mac = ''] = text.split('.') as [string, string | undefined];
    const [b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0, b7 = 0] = mac.split(':').map((part) => Number.parseInt(part, 16));
    const value = Number.parseInt(priority, 16);
    return { b0: value >> 8, b1: value & 0xff, b2, b3, b4, b5, b6, b7 };
  },
);

/** The kernel's clock ticks for user space (USER_HZ), 100 a second, as seconds. */
const ticks: FixedCodec<number> = mapped(
  u64,
  (value) => Number(value) / 100,
  (seconds) => BigInt(Math.round(seconds * 100)),
);

/** IFLA_INFO_DATA of a bridge. Times that are set are in hundredths of a second, timers that run in seconds. */
export const bridgeData = attributes({
  forward_delay: [iflaBr.IFLA_BR_FORWARD_DELAY, u32],
  hello_time: [iflaBr.IFLA_BR_HELLO_TIME, u32],
  max_age: [iflaBr.IFLA_BR_MAX_AGE, u32],
  ageing_time: [iflaBr.IFLA_BR_AGEING_TIME, u32],
  stp_state: [iflaBr.IFLA_BR_STP_STATE, u32],
  priority: [iflaBr.IFLA_BR_PRIORITY, u16],
  vlan_filtering: [iflaBr.IFLA_BR_VLAN_FILTERING, u8],
  vlan_protocol: [iflaBr.IFLA_BR_VLAN_PROTOCOL, name(be16, vlanProtocolNames)],
  bridge_id: [iflaBr.IFLA_BR_BRIDGE_ID, bridgeId],
  root_id: [iflaBr.IFLA_BR_ROOT_ID, bridgeId],
  root_port: [iflaBr.IFLA_BR_ROOT_PORT, u16],
  root_path_cost: [iflaBr.IFLA_BR_ROOT_PATH_COST, u32],
  topology_change: [iflaBr.IFLA_BR_TOPOLOGY_CHANGE, u8],
  topology_change_detected: [iflaBr.IFLA_BR_TOPOLOGY_CHANGE_DETECTED, u8],
  hello_timer: [iflaBr.IFLA_BR_HELLO_TIMER, ticks],
  tcn_timer: [iflaBr.IFLA_BR_TCN_TIMER, ticks],
  topology_change_timer: [iflaBr.IFLA_BR_TOPOLOGY_CHANGE_TIMER, ticks],
  gc_timer: [iflaBr.IFLA_BR_GC_TIMER, ticks],
  vlan_default_pvid: [iflaBr.IFLA_BR_VLAN_DEFAULT_PVID, u16],
  vlan_stats_enabled: [iflaBr.IFLA_BR_VLAN_STATS_ENABLED, u8],
  vlan_stats_per_port: [iflaBr.IFLA_BR_VLAN_STATS_PER_PORT, u8],
  group_fwd_mask: [iflaBr.IFLA_BR_GROUP_FWD_MASK, u16],
  group_addr: [iflaBr.IFLA_BR_GROUP_ADDR, lladdr],
  mcast_snooping: [iflaBr.IFLA_BR_MCAST_SNOOPING, u8],
  multi_boolopt: [iflaBr.IFLA_BR_MULTI_BOOLOPT, struct({ optval: u32, optmask: u32 })],
  mcast_router: [iflaBr.IFLA_BR_MCAST_ROUTER, u8],
  mcast_query_use_ifaddr: [iflaBr.IFLA_BR_MCAST_QUERY_USE_IFADDR, u8],
  mcast_querier: [iflaBr.IFLA_BR_MCAST_QUERIER, u8],
  mcast_hash_elasticity: [iflaBr.IFLA_BR_MCAST_HASH_ELASTICITY, u32],
  mcast_hash_max: [iflaBr.IFLA_BR_MCAST_HASH_MAX, u32],
  mcast_last_member_cnt: [iflaBr.IFLA_BR_MCAST_LAST_MEMBER_CNT, u32],
  mcast_startup_query_cnt: [iflaBr.IFLA_BR_MCAST_STARTUP_QUERY_CNT, u32],
  mcast_last_member_intvl: [iflaBr.IFLA_BR_MCAST_LAST_MEMBER_INTVL, u64],
  mcast_membership_intvl: [iflaBr.IFLA_BR_MCAST_MEMBERSHIP_INTVL, u64],
  mcast_querier_intvl: [iflaBr.IFLA_BR_MCAST_QUERIER_INTVL, u64],
  mcast_query_intvl: [iflaBr.IFLA_BR_MCAST_QUERY_INTVL, u64],
  mcast_query_response_intvl: [iflaBr.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, u64],
  mcast_startup_query_intvl: [iflaBr.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, u64],
  mcast_stats_enabled: [iflaBr.IFLA_BR_MCAST_STATS_ENABLED, u8],
  mcast_igmp_version: [iflaBr.IFLA_BR_MCAST_IGMP_VERSION, u8],
  mcast_mld_version: [iflaBr.IFLA_BR_MCAST_MLD_VERSION, u8],
  nf_call_iptables: [iflaBr.IFLA_BR_NF_CALL_IPTABLES, u8],
  nf_call_ip6tables: [iflaBr.IFLA_BR_NF_CALL_IP6TABLES, u8],
  nf_call_arptables: [iflaBr.IFLA_BR_NF_CALL_ARPTABLES, u8],
} as const);

const portStateNames = { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 } as const;

const yes = boolean(u8);

/** IFLA_INFO_SLAVE_DATA of a port of a bridge. */
export const bridgePortData = attributes({
  state: [iflaBrport.IFLA_BRPORT_STATE, name(u8, portStateNames)],
  priority: [iflaBrport.IFLA_BRPORT_PRIORITY, u16],
  cost: [iflaBrport.IFLA_BRPORT_COST, u32],
  hairpin: [iflaBrport.IFLA_BRPORT_MODE, yes],
  guard: [iflaBrport.IFLA_BRPORT_GUARD, yes],
  root_block: [iflaBrport.IFLA_BRPORT_PROTECT, yes],
  fastleave: [iflaBrport.IFLA_BRPORT_FAST_LEAVE, yes],
  learning: [iflaBrport.IFLA_BRPORT_LEARNING, yes],
  flood: [iflaBrport.IFLA_BRPORT_UNICAST_FLOOD, yes],
  id: [iflaBrport.IFLA_BRPORT_ID, u16],
  no: [iflaBrport.IFLA_BRPORT_NO, u16],
  designated_port: [iflaBrport.IFLA_BRPORT_DESIGNATED_PORT, u16],
  designated_cost: [iflaBrport.IFLA_BRPORT_DESIGNATED_COST, u16],
  bridge_id: [iflaBrport.IFLA_BRPORT_BRIDGE_ID, bridgeId],
  root_id: [iflaBrport.IFLA_BRPORT_ROOT_ID, bridgeId],
  hold_timer: [iflaBrport.IFLA_BRPORT_HOLD_TIMER, ticks],
  message_age_timer: [iflaBrport.IFLA_BRPORT_MESSAGE_AGE_TIMER, ticks],
  forward_delay_timer: [iflaBrport.IFLA_BRPORT_FORWARD_DELAY_TIMER, ticks],
  topology_change_ack: [iflaBrport.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, u8],
  config_pending: [iflaBrport.IFLA_BRPORT_CONFIG_PENDING, u8],
  proxy_arp: [iflaBrport.IFLA_BRPORT_PROXYARP, yes],
  proxy_arp_wifi: [iflaBrport.IFLA_BRPORT_PROXYARP_WIFI, yes],
  multicast_router: [iflaBrport.IFLA_BRPORT_MULTICAST_ROUTER, u8],
  mcast_flood: [iflaBrport.IFLA_BRPORT_MCAST_FLOOD, yes],
  bcast_flood: [iflaBrport.IFLA_BRPORT_BCAST_FLOOD, yes],
  mcast_to_unicast: [iflaBrport.IFLA_BRPORT_MCAST_TO_UCAST, yes],
  neigh_suppress: [iflaBrport.IFLA_BRPORT_NEIGH_SUPPRESS, yes],
  group_fwd_mask: [iflaBrport.IFLA_BRPORT_GROUP_FWD_MASK, u16],
  vlan_tunnel: [iflaBrport.IFLA_BRPORT_VLAN_TUNNEL, yes],
  isolated: [iflaBrport.IFLA_BRPORT_ISOLATED, yes],
  locked: [iflaBrport.IFLA_BRPORT_LOCKED, yes],
  backup_port: [iflaBrport.IFLA_BRPORT_BACKUP_PORT, u32],
} as const);

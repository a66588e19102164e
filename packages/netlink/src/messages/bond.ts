import { iflaBond } from '../constants/kinds.ts';
import { ip, lladdr } from '../wire/address.ts';
import { attributes, eachAttribute, writeAttribute } from '../wire/attributes.ts';
import type { Codec } from '../wire/codec.ts';
import { name } from '../wire/names.ts';
import { u8, u16, u32 } from '../wire/numbers.ts';

/** Modes of a bond, Documentation/networking/bonding.rst. */
export const bondModeNames = {
  'balance-rr': 0,
  'active-backup': 1,
  'balance-xor': 2,
  broadcast: 3,
  '802.3ad': 4,
  'balance-tlb': 5,
  'balance-alb': 6,
} as const;

/** Nested attributes that are numbered from 0: the addresses that are asked to find out whether a port works. */
const targets: Codec<readonly string[]> = {
  shape: { kind: 'list', element: ip },
  write(out, values) {
    values.forEach((value, i) => {
      writeAttribute(out, i, (inner) => ip.write(inner, value));
    });
  },
  read(bytes, start, end) {
    const values: string[] = [];
    eachAttribute(bytes, start, end, (_, at, stop) => {
      values.push(ip.read(bytes, at, stop));
    });
    return values;
  },
};

/** IFLA_INFO_DATA of a bond; times are in milliseconds. */
export const bondData = attributes({
  mode: [iflaBond.IFLA_BOND_MODE, name(u8, bondModeNames)],
  active_slave: [iflaBond.IFLA_BOND_ACTIVE_SLAVE, u32],
  miimon: [iflaBond.IFLA_BOND_MIIMON, u32],
  updelay: [iflaBond.IFLA_BOND_UPDELAY, u32],
  downdelay: [iflaBond.IFLA_BOND_DOWNDELAY, u32],
  peer_notify_delay: [iflaBond.IFLA_BOND_PEER_NOTIF_DELAY, u32],
  use_carrier: [iflaBond.IFLA_BOND_USE_CARRIER, u8],
  arp_interval: [iflaBond.IFLA_BOND_ARP_INTERVAL, u32],
  arp_ip_target: [iflaBond.IFLA_BOND_ARP_IP_TARGET, targets],
  arp_validate: [
    iflaBond.IFLA_BOND_ARP_VALIDATE,
    name(u32, { none: 0, active: 1, backup: 2, all: 3, filter: 4, filter_active: 5, filter_backup: 6 } as const),
  ],
  arp_all_targets: [iflaBond.IFLA_BOND_ARP_ALL_TARGETS, name(u32, { any: 0, all: 1 } as const)],
  primary: [iflaBond.IFLA_BOND_PRIMARY, u32],
  primary_reselect: [iflaBond.IFLA_BOND_PRIMARY_RESELECT, name(u8, { always: 0, better: 1, failure: 2 } as const)],
  fail_over_mac: [iflaBond.IFLA_BOND_FAIL_OVER_MAC, name(u8, { none: 0, active: 1, follow: 2 } as const)],
  xmit_hash_policy: [
    iflaBond.IFLA_BOND_XMIT_HASH_POLICY,
    name(u8, { layer2: 0, 'layer3+4': 1, 'layer2+3': 2, 'encap2+3': 3, 'encap3+4': 4, 'vlan+srcmac': 5 } as const),
  ],
  resend_igmp: [iflaBond.IFLA_BOND_RESEND_IGMP, u32],
  num_peer_notif: [iflaBond.IFLA_BOND_NUM_PEER_NOTIF, u8],
  all_slaves_active: [iflaBond.IFLA_BOND_ALL_SLAVES_ACTIVE, u8],
  min_links: [iflaBond.IFLA_BOND_MIN_LINKS, u32],
  lp_interval: [iflaBond.IFLA_BOND_LP_INTERVAL, u32],
  packets_per_slave: [iflaBond.IFLA_BOND_PACKETS_PER_SLAVE, u32],
  arp_missed_max: [iflaBond.IFLA_BOND_MISSED_MAX, u8],
  ad_lacp_active: [iflaBond.IFLA_BOND_AD_LACP_ACTIVE, name(u8, { off: 0, on: 1 } as const)],
  ad_lacp_rate: [iflaBond.IFLA_BOND_AD_LACP_RATE, name(u8, { slow: 0, fast: 1 } as const)],
  ad_select: [iflaBond.IFLA_BOND_AD_SELECT, name(u8, { stable: 0, bandwidth: 1, count: 2 } as const)],
  ad_actor_sys_prio: [iflaBond.IFLA_BOND_AD_ACTOR_SYS_PRIO, u16],
  ad_user_port_key: [iflaBond.IFLA_BOND_AD_USER_PORT_KEY, u16],
  ad_actor_system: [iflaBond.IFLA_BOND_AD_ACTOR_SYSTEM, lladdr],
  tlb_dynamic_lb: [iflaBond.IFLA_BOND_TLB_DYNAMIC_LB, u8],
} as const);

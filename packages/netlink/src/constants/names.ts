/** linux/if.h: flags of a link */
export const iff = {
  IFF_LOOPBACK: 8,
  IFF_BROADCAST: 2,
  IFF_POINTOPOINT: 0x10,
  IFF_MULTICAST: 0x1000,
  IFF_NOARP: 0x80,
  IFF_ALLMULTI: 0x200,
  IFF_PROMISC: 0x100,
  IFF_MASTER: 0x400,
  IFF_SLAVE: 0x800,
  IFF_DEBUG: 4,
  IFF_DYNAMIC: 0x8000,
  IFF_AUTOMEDIA: 0x4000,
  IFF_PORTSEL: 0x2000,
  IFF_NOTRAILERS: 0x20,
  IFF_UP: 1,
  IFF_LOWER_UP: 0x10000,
  IFF_DORMANT: 0x20000,
  IFF_ECHO: 0x40000,
  IFF_RUNNING: 0x40,
} as const;

/** sys/socket.h: address families */
export const families = {
  AF_UNSPEC: 0,
  AF_INET: 2,
  AF_BRIDGE: 7,
  AF_MPLS: 28,
  AF_INET6: 10,
} as const;

/** linux/rtnetlink.h: rtm_scope, ifa_scope */
export const scopes = {
  RT_SCOPE_UNIVERSE: 0,
  RT_SCOPE_SITE: 200,
  RT_SCOPE_LINK: 253,
  RT_SCOPE_HOST: 254,
  RT_SCOPE_NOWHERE: 255,
} as const;

/** linux/rtnetlink.h: rtm_type */
export const routeTypes = {
  RTN_UNSPEC: 0,
  RTN_UNICAST: 1,
  RTN_LOCAL: 2,
  RTN_BROADCAST: 3,
  RTN_ANYCAST: 4,
  RTN_MULTICAST: 5,
  RTN_BLACKHOLE: 6,
  RTN_UNREACHABLE: 7,
  RTN_PROHIBIT: 8,
  RTN_THROW: 9,
  RTN_NAT: 10,
  RTN_XRESOLVE: 11,
} as const;

/** linux/rtnetlink.h: rtm_protocol */
export const routeProtocols = {
  RTPROT_UNSPEC: 0,
  RTPROT_REDIRECT: 1,
  RTPROT_KERNEL: 2,
  RTPROT_BOOT: 3,
  RTPROT_STATIC: 4,
  RTPROT_GATED: 8,
  RTPROT_RA: 9,
  RTPROT_MRT: 10,
  RTPROT_ZEBRA: 11,
  RTPROT_BIRD: 12,
  RTPROT_DNROUTED: 13,
  RTPROT_XORP: 14,
  RTPROT_NTK: 15,
  RTPROT_DHCP: 16,
  RTPROT_KEEPALIVED: 18,
  RTPROT_BABEL: 42,
  RTPROT_OPENR: 99,
  RTPROT_BGP: 186,
  RTPROT_ISIS: 187,
  RTPROT_OSPF: 188,
  RTPROT_RIP: 189,
  RTPROT_EIGRP: 192,
} as const;

/** linux/rtnetlink.h: rtm_table */
export const routeTables = {
  RT_TABLE_UNSPEC: 0,
  RT_TABLE_DEFAULT: 253,
  RT_TABLE_MAIN: 254,
  RT_TABLE_LOCAL: 255,
} as const;

/** linux/rtnetlink.h: rtm_flags, and rtnh_flags of a next hop in the low byte */
export const routeFlags = {
  RTNH_F_DEAD: 1,
  RTNH_F_PERVASIVE: 2,
  RTNH_F_ONLINK: 4,
  RTNH_F_OFFLOAD: 8,
  RTNH_F_LINKDOWN: 0x10,
  RTNH_F_UNRESOLVED: 0x20,
  RTNH_F_TRAP: 0x40,
  RTM_F_NOTIFY: 0x100,
  RTM_F_CLONED: 0x200,
  RTM_F_OFFLOAD: 0x4000,
  RTM_F_TRAP: 0x8000,
  RTM_F_OFFLOAD_FAILED: 0x20000000,
} as const;

/** linux/if_addr.h: IFA_FLAGS */
export const addressFlags = {
  IFA_F_SECONDARY: 1,
  IFA_F_NODAD: 2,
  IFA_F_OPTIMISTIC: 4,
  IFA_F_DADFAILED: 8,
  IFA_F_HOMEADDRESS: 0x10,
  IFA_F_DEPRECATED: 0x20,
  IFA_F_TENTATIVE: 0x40,
  IFA_F_PERMANENT: 0x80,
  IFA_F_MANAGETEMPADDR: 0x100,
  IFA_F_NOPREFIXROUTE: 0x200,
  IFA_F_MCAUTOJOIN: 0x400,
  IFA_F_STABLE_PRIVACY: 0x800,
} as const;

/** linux/neighbour.h: ndm_state */
export const neighbourStates = {
  NUD_INCOMPLETE: 1,
  NUD_REACHABLE: 2,
  NUD_STALE: 4,
  NUD_DELAY: 8,
  NUD_PROBE: 0x10,
  NUD_FAILED: 0x20,
  NUD_NOARP: 0x40,
  NUD_PERMANENT: 0x80,
} as const;

/** linux/neighbour.h: ndm_flags */
export const neighbourFlags = {
  NTF_USE: 1,
  NTF_SELF: 2,
  NTF_MASTER: 4,
  NTF_PROXY: 8,
  NTF_EXT_LEARNED: 0x10,
  NTF_OFFLOADED: 0x20,
  NTF_STICKY: 0x40,
  NTF_ROUTER: 0x80,
} as const;

/** linux/fib_rules.h: action */
export const ruleActions = {
  FR_ACT_UNSPEC: 0,
  FR_ACT_TO_TBL: 1,
  FR_ACT_GOTO: 2,
  FR_ACT_NOP: 3,
  FR_ACT_BLACKHOLE: 6,
  FR_ACT_UNREACHABLE: 7,
  FR_ACT_PROHIBIT: 8,
} as const;

/** linux/fib_rules.h: flags */
export const ruleFlags = {
  FIB_RULE_PERMANENT: 1,
  FIB_RULE_INVERT: 2,
  FIB_RULE_UNRESOLVED: 4,
  FIB_RULE_IIF_DETACHED: 8,
  FIB_RULE_OIF_DETACHED: 0x10,
} as const;

/** linux/if_link.h: IFLA_MACVLAN_MODE */
export const macvlanModes = {
  MACVLAN_MODE_PRIVATE: 1,
  MACVLAN_MODE_VEPA: 2,
  MACVLAN_MODE_BRIDGE: 4,
  MACVLAN_MODE_PASSTHRU: 8,
  MACVLAN_MODE_SOURCE: 16,
} as const;

/** linux/if_link.h: IFLA_IPVLAN_MODE */
export const ipvlanModes = {
  IPVLAN_MODE_L2: 0,
  IPVLAN_MODE_L3: 1,
  IPVLAN_MODE_L3S: 2,
} as const;

/** linux/if_vlan.h: IFLA_VLAN_FLAGS */
export const vlanFlags = {
  VLAN_FLAG_REORDER_HDR: 1,
  VLAN_FLAG_GVRP: 2,
  VLAN_FLAG_LOOSE_BINDING: 4,
  VLAN_FLAG_MVRP: 8,
  VLAN_FLAG_BRIDGE_BINDING: 0x10,
} as const;

/** linux/if_tun.h: TUNSETIFF */
export const tunFlags = {
  IFF_TUN: 1,
  IFF_TAP: 2,
  IFF_NO_PI: 0x1000,
  IFF_VNET_HDR: 0x4000,
  IFF_MULTI_QUEUE: 0x100,
} as const;

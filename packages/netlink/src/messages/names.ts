import {
  families as AF,
  ruleActions as FR_ACT,
  addressFlags as IFA_F,
  iff,
  ipvlanModes,
  macvlanModes,
  neighbourFlags as NTF,
  neighbourStates as NUD,
  scopes as RT_SCOPE,
  routeTables as RT_TABLE,
  routeFlags as RTM_F,
  routeTypes as RTN,
  routeProtocols as RTPROT,
} from '../constants/names.ts';

/** Address families, as `ip -j` names them. */
export const familyNames = { inet: AF.AF_INET, inet6: AF.AF_INET6, bridge: AF.AF_BRIDGE, mpls: AF.AF_MPLS } as const;

/** Flags of a link: IFF_ without its prefix; netdevice(7). */
export const linkFlagNames = {
  LOOPBACK: iff.IFF_LOOPBACK,
  BROADCAST: iff.IFF_BROADCAST,
  POINTOPOINT: iff.IFF_POINTOPOINT,
  MULTICAST: iff.IFF_MULTICAST,
  NOARP: iff.IFF_NOARP,
  ALLMULTI: iff.IFF_ALLMULTI,
  PROMISC: iff.IFF_PROMISC,
  MASTER: iff.IFF_MASTER,
  SLAVE: iff.IFF_SLAVE,
  DEBUG: iff.IFF_DEBUG,
  DYNAMIC: iff.IFF_DYNAMIC,
  AUTOMEDIA: iff.IFF_AUTOMEDIA,
  PORTSEL: iff.IFF_PORTSEL,
  NOTRAILERS: iff.IFF_NOTRAILERS,
  UP: iff.IFF_UP,
  RUNNING: iff.IFF_RUNNING,
  LOWER_UP: iff.IFF_LOWER_UP,
  DORMANT: iff.IFF_DORMANT,
  ECHO: iff.IFF_ECHO,
} as const;

/** IFLA_OPERSTATE: the operational state of RFC 2863. */
export const operstateNames = {
  UNKNOWN: 0,
  NOTPRESENT: 1,
  DOWN: 2,
  LOWERLAYERDOWN: 3,
  TESTING: 4,
  DORMANT: 5,
  UP: 6,
} as const;

/** IFLA_LINKMODE. */
export const linkmodeNames = { DEFAULT: 0, DORMANT: 1 } as const;

/** ifi_type (ARPHRD_ of linux/if_arp.h), as far as `ip` has shorter names for it. */
export const linkTypeNames = {
  ether: 1,
  infiniband: 32,
  ppp: 512,
  ipip: 768,
  tunnel6: 769,
  loopback: 772,
  sit: 776,
  gre: 778,
  gre6: 823,
  netlink: 824,
  none: 0xfffe,
} as const;

/** IFLA_INET6_ADDR_GEN_MODE: how link-local addresses are made. */
export const addrGenModeNames = { eui64: 0, none: 1, stable_secret: 2, random: 3 } as const;

/** Scopes of addresses and routes. */
export const scopeNames = {
  global: RT_SCOPE.RT_SCOPE_UNIVERSE,
  site: RT_SCOPE.RT_SCOPE_SITE,
  link: RT_SCOPE.RT_SCOPE_LINK,
  host: RT_SCOPE.RT_SCOPE_HOST,
  nowhere: RT_SCOPE.RT_SCOPE_NOWHERE,
} as const;

/** Types of routes. */
export const routeTypeNames = {
  unspec: RTN.RTN_UNSPEC,
  unicast: RTN.RTN_UNICAST,
  local: RTN.RTN_LOCAL,
  broadcast: RTN.RTN_BROADCAST,
  anycast: RTN.RTN_ANYCAST,
  multicast: RTN.RTN_MULTICAST,
  blackhole: RTN.RTN_BLACKHOLE,
  unreachable: RTN.RTN_UNREACHABLE,
  prohibit: RTN.RTN_PROHIBIT,
  throw: RTN.RTN_THROW,
  nat: RTN.RTN_NAT,
  xresolve: RTN.RTN_XRESOLVE,
} as const;

/** Who made a route, a rule or a neighbour. */
export const protocolNames = {
  unspec: RTPROT.RTPROT_UNSPEC,
  redirect: RTPROT.RTPROT_REDIRECT,
  kernel: RTPROT.RTPROT_KERNEL,
  boot: RTPROT.RTPROT_BOOT,
  static: RTPROT.RTPROT_STATIC,
  gated: RTPROT.RTPROT_GATED,
  ra: RTPROT.RTPROT_RA,
  mrt: RTPROT.RTPROT_MRT,
  zebra: RTPROT.RTPROT_ZEBRA,
  bird: RTPROT.RTPROT_BIRD,
  dnrouted: RTPROT.RTPROT_DNROUTED,
  xorp: RTPROT.RTPROT_XORP,
  ntk: RTPROT.RTPROT_NTK,
  dhcp: RTPROT.RTPROT_DHCP,
  keepalived: RTPROT.RTPROT_KEEPALIVED,
  babel: RTPROT.RTPROT_BABEL,
  openr: RTPROT.RTPROT_OPENR,
  bgp: RTPROT.RTPROT_BGP,
  isis: RTPROT.RTPROT_ISIS,
  ospf: RTPROT.RTPROT_OSPF,
  rip: RTPROT.RTPROT_RIP,
  eigrp: RTPROT.RTPROT_EIGRP,
} as const;

/** Routing tables that the kernel itself has; all others are numbers. */
export const tableNames = {
  unspec: RT_TABLE.RT_TABLE_UNSPEC,
  default: RT_TABLE.RT_TABLE_DEFAULT,
  main: RT_TABLE.RT_TABLE_MAIN,
  local: RT_TABLE.RT_TABLE_LOCAL,
} as const;

/** Flags of a route and of a next hop. */
export const routeFlagNames = {
  dead: RTM_F.RTNH_F_DEAD,
  pervasive: RTM_F.RTNH_F_PERVASIVE,
  onlink: RTM_F.RTNH_F_ONLINK,
  offload: RTM_F.RTNH_F_OFFLOAD,
  linkdown: RTM_F.RTNH_F_LINKDOWN,
  unresolved: RTM_F.RTNH_F_UNRESOLVED,
  trap: RTM_F.RTNH_F_TRAP,
  notify: RTM_F.RTM_F_NOTIFY,
  cloned: RTM_F.RTM_F_CLONED,
  rt_offload: RTM_F.RTM_F_OFFLOAD,
  rt_trap: RTM_F.RTM_F_TRAP,
  rt_offload_failed: RTM_F.RTM_F_OFFLOAD_FAILED,
} as const;

/** RTA_PREF: preference of a route that a router advertised (RFC 4191). */
export const preferenceNames = { medium: 0, high: 1, low: 3 } as const;

/** Flags of an address. */
export const addressFlagNames = {
  secondary: IFA_F.IFA_F_SECONDARY,
  nodad: IFA_F.IFA_F_NODAD,
  optimistic: IFA_F.IFA_F_OPTIMISTIC,
  dadfailed: IFA_F.IFA_F_DADFAILED,
  home: IFA_F.IFA_F_HOMEADDRESS,
  deprecated: IFA_F.IFA_F_DEPRECATED,
  tentative: IFA_F.IFA_F_TENTATIVE,
  permanent: IFA_F.IFA_F_PERMANENT,
  mngtmpaddr: IFA_F.IFA_F_MANAGETEMPADDR,
  noprefixroute: IFA_F.IFA_F_NOPREFIXROUTE,
  autojoin: IFA_F.IFA_F_MCAUTOJOIN,
  'stable-privacy': IFA_F.IFA_F_STABLE_PRIVACY,
} as const;

/** States of a neighbour. */
export const neighbourStateNames = {
  INCOMPLETE: NUD.NUD_INCOMPLETE,
  REACHABLE: NUD.NUD_REACHABLE,
  STALE: NUD.NUD_STALE,
  DELAY: NUD.NUD_DELAY,
  PROBE: NUD.NUD_PROBE,
  FAILED: NUD.NUD_FAILED,
  NOARP: NUD.NUD_NOARP,
  PERMANENT: NUD.NUD_PERMANENT,
} as const;

/** Flags of a neighbour. */
export const neighbourFlagNames = {
  use: NTF.NTF_USE,
  self: NTF.NTF_SELF,
  master: NTF.NTF_MASTER,
  proxy: NTF.NTF_PROXY,
  extern_learn: NTF.NTF_EXT_LEARNED,
  offload: NTF.NTF_OFFLOADED,
  sticky: NTF.NTF_STICKY,
  router: NTF.NTF_ROUTER,
} as const;

/** What a rule does. */
export const ruleActionNames = {
  unspec: FR_ACT.FR_ACT_UNSPEC,
  to_tbl: FR_ACT.FR_ACT_TO_TBL,
  goto: FR_ACT.FR_ACT_GOTO,
  nop: FR_ACT.FR_ACT_NOP,
  blackhole: FR_ACT.FR_ACT_BLACKHOLE,
  unreachable: FR_ACT.FR_ACT_UNREACHABLE,
  prohibit: FR_ACT.FR_ACT_PROHIBIT,
} as const;

/** How macvlans of one parent see each other. */
export const macvlanModeNames = {
  private: macvlanModes.MACVLAN_MODE_PRIVATE,
  vepa: macvlanModes.MACVLAN_MODE_VEPA,
  bridge: macvlanModes.MACVLAN_MODE_BRIDGE,
  passthru: macvlanModes.MACVLAN_MODE_PASSTHRU,
  source: macvlanModes.MACVLAN_MODE_SOURCE,
} as const;

/** The layer at which an ipvlan forwards. */
export const ipvlanModeNames = {
  l2: ipvlanModes.IPVLAN_MODE_L2,
  l3: ipvlanModes.IPVLAN_MODE_L3,
  l3s: ipvlanModes.IPVLAN_MODE_L3S,
} as const;

/** Ethernet types of VLAN tags. */
export const vlanProtocolNames = { '802.1Q': 0x8100, '802.1ad': 0x88a8 } as const;

/** linux/rtnetlink.h: message types */
export const rtm = {
  RTM_NEWLINK: 16,
  RTM_DELLINK: 17,
  RTM_GETLINK: 18,
  RTM_NEWADDR: 20,
  RTM_DELADDR: 21,
  RTM_GETADDR: 22,
  RTM_NEWROUTE: 24,
  RTM_DELROUTE: 25,
  RTM_GETROUTE: 26,
  RTM_NEWNEIGH: 28,
  RTM_DELNEIGH: 29,
  RTM_GETNEIGH: 30,
  RTM_NEWRULE: 32,
  RTM_DELRULE: 33,
  RTM_GETRULE: 34,
  RTM_NEWQDISC: 36,
  RTM_DELQDISC: 37,
  RTM_GETQDISC: 38,
  RTM_SETLINK: 19,
  RTM_NEWNSID: 88,
  RTM_DELNSID: 89,
} as const;

/** linux/rtnetlink.h: multicast groups */
export const groups = {
  RTNLGRP_LINK: 1,
  RTNLGRP_NEIGH: 3,
  RTNLGRP_TC: 4,
  RTNLGRP_IPV4_IFADDR: 5,
  RTNLGRP_IPV4_ROUTE: 7,
  RTNLGRP_IPV4_RULE: 8,
  RTNLGRP_IPV6_IFADDR: 9,
  RTNLGRP_IPV6_ROUTE: 11,
  RTNLGRP_IPV6_RULE: 19,
} as const;

/** linux/rtnetlink.h: attributes of a route */
export const rta = {
  RTA_DST: 1,
  RTA_SRC: 2,
  RTA_IIF: 3,
  RTA_OIF: 4,
  RTA_GATEWAY: 5,
  RTA_PRIORITY: 6,
  RTA_PREFSRC: 7,
  RTA_METRICS: 8,
  RTA_MULTIPATH: 9,
  RTA_FLOW: 11,
  RTA_CACHEINFO: 12,
  RTA_MP_ALGO: 14,
  RTA_TABLE: 15,
  RTA_MARK: 16,
  RTA_MFC_STATS: 17,
  RTA_VIA: 18,
  RTA_NEWDST: 19,
  RTA_PREF: 20,
  RTA_ENCAP_TYPE: 21,
  RTA_ENCAP: 22,
  RTA_EXPIRES: 23,
  RTA_UID: 25,
  RTA_TTL_PROPAGATE: 26,
  RTA_IP_PROTO: 27,
  RTA_SPORT: 28,
  RTA_DPORT: 29,
  RTA_NH_ID: 30,
} as const;

/** linux/rtnetlink.h: metrics of a route */
export const rtax = {
  RTAX_LOCK: 1,
  RTAX_MTU: 2,
  RTAX_WINDOW: 3,
  RTAX_RTT: 4,
  RTAX_RTTVAR: 5,
  RTAX_SSTHRESH: 6,
  RTAX_CWND: 7,
  RTAX_ADVMSS: 8,
  RTAX_REORDERING: 9,
  RTAX_HOPLIMIT: 10,
  RTAX_INITCWND: 11,
  RTAX_FEATURES: 12,
  RTAX_RTO_MIN: 13,
  RTAX_INITRWND: 14,
  RTAX_QUICKACK: 15,
  RTAX_CC_ALGO: 16,
  RTAX_FASTOPEN_NO_COOKIE: 17,
} as const;

/** linux/rtnetlink.h: attributes of a queueing discipline */
export const tca = {
  TCA_KIND: 1,
  TCA_OPTIONS: 2,
  TCA_STATS: 3,
  TCA_XSTATS: 4,
  TCA_RATE: 5,
  TCA_FCNT: 6,
  TCA_STATS2: 7,
  TCA_STAB: 8,
  TCA_DUMP_INVISIBLE: 10,
  TCA_CHAIN: 11,
  TCA_HW_OFFLOAD: 12,
  TCA_INGRESS_BLOCK: 13,
  TCA_EGRESS_BLOCK: 14,
  TCA_DUMP_FLAGS: 15,
} as const;

/** linux/rtnetlink.h: IFLA_EXT_MASK */
export const extMask = {
  RTEXT_FILTER_VF: 1,
  RTEXT_FILTER_SKIP_STATS: 8,
} as const;

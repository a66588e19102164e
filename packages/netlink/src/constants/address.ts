/** linux/if_addr.h: attributes of an address */
export const ifa = {
  IFA_ADDRESS: 1,
  IFA_LOCAL: 2,
  IFA_LABEL: 3,
  IFA_BROADCAST: 4,
  IFA_ANYCAST: 5,
  IFA_CACHEINFO: 6,
  IFA_FLAGS: 8,
  IFA_RT_PRIORITY: 9,
  IFA_TARGET_NETNSID: 10,
  IFA_PROTO: 11,
} as const;

/** linux/neighbour.h: attributes of a neighbour */
export const nda = {
  NDA_DST: 1,
  NDA_LLADDR: 2,
  NDA_CACHEINFO: 3,
  NDA_PROBES: 4,
  NDA_VLAN: 5,
  NDA_PORT: 6,
  NDA_VNI: 7,
  NDA_IFINDEX: 8,
  NDA_MASTER: 9,
  NDA_LINK_NETNSID: 10,
  NDA_SRC_VNI: 11,
  NDA_PROTOCOL: 12,
  NDA_NH_ID: 13,
  NDA_FLAGS_EXT: 15,
  NDA_NDM_STATE_MASK: 16,
  NDA_NDM_FLAGS_MASK: 17,
} as const;

/** linux/fib_rules.h: attributes of a rule */
export const fra = {
  FRA_DST: 1,
  FRA_SRC: 2,
  FRA_IIFNAME: 3,
  FRA_GOTO: 4,
  FRA_PRIORITY: 6,
  FRA_FWMARK: 10,
  FRA_FLOW: 11,
  FRA_TUN_ID: 12,
  FRA_SUPPRESS_IFGROUP: 13,
  FRA_SUPPRESS_PREFIXLEN: 14,
  FRA_TABLE: 15,
  FRA_FWMASK: 16,
  FRA_OIFNAME: 17,
  FRA_L3MDEV: 19,
  FRA_UID_RANGE: 20,
  FRA_PROTOCOL: 21,
  FRA_IP_PROTO: 22,
  FRA_SPORT_RANGE: 23,
  FRA_DPORT_RANGE: 24,
} as const;

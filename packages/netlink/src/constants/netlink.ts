/** linux/netlink.h: message types of the netlink layer itself */
export const nlmsg = {
  NLMSG_NOOP: 1,
  NLMSG_ERROR: 2,
  NLMSG_DONE: 3,
  NLMSG_OVERRUN: 4,
} as const;

/** linux/netlink.h: nlmsg_flags; the modifiers of GET, NEW, DELETE and acknowledgements share bits */
export const nlm = {
  NLM_F_REQUEST: 1,
  NLM_F_MULTI: 2,
  NLM_F_ACK: 4,
  NLM_F_ECHO: 8,
  NLM_F_DUMP_INTR: 0x10,
  NLM_F_DUMP_FILTERED: 0x20,
  NLM_F_ROOT: 0x100,
  NLM_F_MATCH: 0x200,
  NLM_F_ATOMIC: 0x400,
  NLM_F_DUMP: 0x300,
  NLM_F_REPLACE: 0x100,
  NLM_F_EXCL: 0x200,
  NLM_F_CREATE: 0x400,
  NLM_F_APPEND: 0x800,
  NLM_F_NONREC: 0x100,
  NLM_F_CAPPED: 0x100,
  NLM_F_ACK_TLVS: 0x200,
} as const;

/** linux/netlink.h: attributes of an acknowledgement */
export const nlmsgerr = {
  NLMSGERR_ATTR_UNUSED: 0,
  NLMSGERR_ATTR_MSG: 1,
  NLMSGERR_ATTR_OFFS: 2,
  NLMSGERR_ATTR_COOKIE: 3,
  NLMSGERR_ATTR_POLICY: 4,
  NLMSGERR_ATTR_MISS_TYPE: 5,
  NLMSGERR_ATTR_MISS_NEST: 6,
} as const;

/** linux/netlink.h: setsockopt(2) at SOL_NETLINK */
export const netlinkOptions = {
  NETLINK_ADD_MEMBERSHIP: 1,
  NETLINK_DROP_MEMBERSHIP: 2,
  NETLINK_EXT_ACK: 11,
  NETLINK_CAP_ACK: 10,
  NETLINK_GET_STRICT_CHK: 12,
} as const;

/** linux/netlink.h: the protocols that socket(2) takes */
export const protocols = {
  NETLINK_ROUTE: 0,
  NETLINK_NETFILTER: 12,
  NETLINK_GENERIC: 16,
} as const;

/** linux/netlink.h: the bits of nla_type that are no type */
export const nla = {
  NLA_F_NESTED: 0x8000,
  NLA_F_NET_BYTEORDER: 0x4000,
} as const;

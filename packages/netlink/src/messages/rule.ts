import { fra } from '../constants/address.ts';
import { ruleFlags } from '../constants/names.ts';
import { ip } from '../wire/address.ts';
import { message } from '../wire/message.ts';
import { flags, name } from '../wire/names.ts';
import { u8, u16, u32 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { text } from '../wire/text.ts';
import { familyNames, protocolNames, ruleActionNames, tableNames } from './names.ts';

const ruleFlagNames = {
  permanent: ruleFlags.FIB_RULE_PERMANENT,
  not: ruleFlags.FIB_RULE_INVERT,
  unresolved: ruleFlags.FIB_RULE_UNRESOLVED,
  iif_detached: ruleFlags.FIB_RULE_IIF_DETACHED,
  oif_detached: ruleFlags.FIB_RULE_OIF_DETACHED,
} as const;

/** struct fib_rule_hdr. */
const header = struct({
  family: name(u8, familyNames),
  dst_len: u8,
  src_len: u8,
  tos: u8,
  table: u8,
  res1: u8,
  res2: u8,
  action: name(u8, ruleActionNames),
  flags: flags(u32, ruleFlagNames),
});

const ports = struct({ start: u16, end: u16 });

/** RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE: linux/fib_rules.h. */
export const ruleMessage = message(header, {
  priority: [fra.FRA_PRIORITY, u32],
  src: [fra.FRA_SRC, ip],
  dst: [fra.FRA_DST, ip],
  table: [fra.FRA_TABLE, name(u32, tableNames)],
  iif: [fra.FRA_IIFNAME, text],
  oif: [fra.FRA_OIFNAME, text],
  fwmark: [fra.FRA_FWMARK, u32],
  fwmask: [fra.FRA_FWMASK, u32],
  goto: [fra.FRA_GOTO, u32],
  realms: [fra.FRA_FLOW, u32],
  suppress_ifgroup: [fra.FRA_SUPPRESS_IFGROUP, u32],
  suppress_prefixlen: [fra.FRA_SUPPRESS_PREFIXLEN, u32],
  l3mdev: [fra.FRA_L3MDEV, u8],
  uid_range: [fra.FRA_UID_RANGE, struct({ start: u32, end: u32 })],
  protocol: [fra.FRA_PROTOCOL, name(u8, protocolNames)],
  ipproto: [fra.FRA_IP_PROTO, u8],
  sport: [fra.FRA_SPORT_RANGE, ports],
  dport: [fra.FRA_DPORT_RANGE, ports],
} as const);

/** A rule as it is on the wire. */
export type RuleMessage = ReturnType<typeof ruleMessage.decode>;

import { ifa } from '../constants/address.ts';
import { ip } from '../wire/address.ts';
import { message } from '../wire/message.ts';
import { flags, name } from '../wire/names.ts';
import { s32, u8, u32 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { text } from '../wire/text.ts';
import { addressFlagNames, familyNames, scopeNames } from './names.ts';

/** struct ifaddrmsg; the flags of eight bits are the low ones of IFA_FLAGS. */
const ifaddrmsg = struct({
  family: name(u8, familyNames),
  prefixlen: u8,
  flags: u8,
  scope: name(u8, scopeNames),
  index: u32,
});

/** struct ifa_cacheinfo: lifetimes in seconds, stamps in hundredths of a second after boot. */
const cacheinfo = struct({ preferred: u32, valid: u32, created: u32, updated: u32 });

/** RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR: linux/if_addr.h. */
export const addressMessage = message(ifaddrmsg, {
  local: [ifa.IFA_LOCAL, ip],
  address: [ifa.IFA_ADDRESS, ip],
  broadcast: [ifa.IFA_BROADCAST, ip],
  anycast: [ifa.IFA_ANYCAST, ip],
  label: [ifa.IFA_LABEL, text],
  flags: [ifa.IFA_FLAGS, flags(u32, addressFlagNames)],
  metric: [ifa.IFA_RT_PRIORITY, u32],
  protocol: [ifa.IFA_PROTO, u8],
  target_netnsid: [ifa.IFA_TARGET_NETNSID, s32],
  cacheinfo: [ifa.IFA_CACHEINFO, cacheinfo],
} as const);

/** An address as it is on the wire. */
export type AddressMessage = ReturnType<typeof addressMessage.decode>;

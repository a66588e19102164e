import { nda } from '../constants/address.ts';
import { lladdr } from '../wire/address.ts';
import { message } from '../wire/message.ts';
import { flags, name } from '../wire/names.ts';
import { be16, s32, u8, u16, u32 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { raw } from '../wire/text.ts';
import { familyNames, neighbourFlagNames, neighbourStateNames, protocolNames, routeTypeNames } from './names.ts';

/** struct ndmsg. */
const ndmsg = struct({
  family: name(u8, familyNames),
  pad1: u8,
  pad2: u16,
  ifindex: s32,
  state: flags(u16, neighbourStateNames),
  flags: flags(u8, neighbourFlagNames),
  type: name(u8, routeTypeNames),
});

/** struct nda_cacheinfo: hundredths of a second ago. */
const cacheinfo = struct({ confirmed: u32, used: u32, updated: u32, refcnt: u32 });

/** RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH: linux/neighbour.h; with AF_BRIDGE the forwarding database. */
export const neighbourMessage = message(ndmsg, {
  // Addresses by their length; the forwarding database of a VXLAN has addresses here too.
  dst: [nda.NDA_DST, raw],
  lladdr: [nda.NDA_LLADDR, lladdr],
  cacheinfo: [nda.NDA_CACHEINFO, cacheinfo],
  probes: [nda.NDA_PROBES, u32],
  vlan: [nda.NDA_VLAN, u16],
  port: [nda.NDA_PORT, be16],
  vni: [nda.NDA_VNI, u32],
  src_vni: [nda.NDA_SRC_VNI, u32],
  via: [nda.NDA_IFINDEX, u32],
  master: [nda.NDA_MASTER, u32],
  link_netnsid: [nda.NDA_LINK_NETNSID, s32],
  protocol: [nda.NDA_PROTOCOL, name(u8, protocolNames)],
  nhid: [nda.NDA_NH_ID, u32],
  flags_ext: [nda.NDA_FLAGS_EXT, u32],
} as const);

/** A neighbour as it is on the wire. */
export type NeighbourMessage = ReturnType<typeof neighbourMessage.decode>;

import { rta, rtax } from '../constants/rtnetlink.ts';
import { NetlinkDecodeError } from '../errors.ts';
import { familyOf, formatIp, type IpFamily, parseIp } from '../text/ip.ts';
import { ip } from '../wire/address.ts';
import { type Attributes, attributes } from '../wire/attributes.ts';
import { align, type Bytes, type Writer } from '../wire/bytes.ts';
import type { Codec } from '../wire/codec.ts';
import { message } from '../wire/message.ts';
import { type FlagNames, flags, name } from '../wire/names.ts';
import { be16, s32, u8, u16, u32 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { raw, text } from '../wire/text.ts';
import {
  familyNames,
  preferenceNames,
  protocolNames,
  routeFlagNames,
  routeTypeNames,
  scopeNames,
  tableNames,
} from './names.ts';

/** struct rtmsg; tables over 255 are in RTA_TABLE only. */
const rtmsg = struct({
  family: name(u8, familyNames),
  dst_len: u8,
  src_len: u8,
  tos: u8,
  table: name(u8, tableNames),
  protocol: name(u8, protocolNames),
  scope: name(u8, scopeNames),
  type: name(u8, routeTypeNames),
  flags: flags(u32, routeFlagNames),
});

/** A gateway of the other family. */
export interface Via {
  readonly family: IpFamily;
  readonly host: string;
}

/** struct rtvia: the family, two bytes, and the address. */
export const via: Codec<Via> = {
  shape: { kind: 'union', members: [] },
  write(out: Writer, value: Via): void {
    const bytes = parseIp(value.host, 'host');
    const at = out.reserve(2);
    out.view.setUint16(at, familyNames[familyOf(bytes)], true);
    out.append(bytes);
  },
  read(bytes: Bytes, at: number, end: number): Via {
    bytes.need(at, end, 6, 'a gateway');
    const address = bytes.window(at + 2, end);
    if (address.length !== 4 && address.length !== 16)
      throw new NetlinkDecodeError(`a gateway at offset ${at} has ${address.length} bytes and not 4 or 16`);
    return { family: familyOf(address), host: formatIp(address) };
  },
};

/** Attributes that a route has once, and each next hop of a route with several. */
const hopTable = {
  gateway: [rta.RTA_GATEWAY, ip],
  via: [rta.RTA_VIA, via],
  realms: [rta.RTA_FLOW, u32],
  encap_type: [rta.RTA_ENCAP_TYPE, u16],
  encap: [rta.RTA_ENCAP, raw],
} as const;

const hopAttributes = attributes(hopTable);

/** struct rtnexthop with its attributes. */
export interface WireNextHop {
  /** Weight less one. */
  readonly hops: number;
  readonly flags: FlagNames<typeof routeFlagNames>;
  readonly ifindex: number;
  readonly attributes: Attributes<typeof hopTable>;
}

const HOP_HEADER = 8;
const hopFlags = flags(u8, routeFlagNames);

/** RTA_MULTIPATH: next hops one after the other, each with its length. */
export const multipath: Codec<readonly WireNextHop[]> = {
  shape: { kind: 'union', members: [] },
  write(out, hops) {
    for (const hop of hops) {
      const at = out.reserve(2);
      hopFlags.write(out, hop.flags);
      u8.write(out, hop.hops);
      s32.write(out, hop.ifindex);
      hopAttributes.write(out, hop.attributes);
      out.view.setUint16(at, out.length - at, true);
    }
  },
  read(bytes, start, end) {
    const hops: WireNextHop[] = [];
    let at = start;
    while (at < end) {
      bytes.need(at, end, HOP_HEADER, 'a next hop');
      const length = bytes.view.getUint16(at, true);
      if (length < HOP_HEADER || at + length > end)
        throw new NetlinkDecodeError(`next hop at offset ${at} says ${length} bytes, and ${end - at} are left`);
      hops.push({
        flags: hopFlags.read(bytes, at + 2, end),
        hops: bytes.view.getUint8(at + 3),
        ifindex: s32.read(bytes, at + 4, end),
        attributes: hopAttributes.read(bytes, at + HOP_HEADER, at + length),
      });
      at += align(length);
    }
    return hops;
  },
};

/** RTA_METRICS: what TCP shall assume about the path; times in milliseconds of the kernel's own scale. */
const metrics = attributes({
  lock: [rtax.RTAX_LOCK, u32],
  mtu: [rtax.RTAX_MTU, u32],
  window: [rtax.RTAX_WINDOW, u32],
  rtt: [rtax.RTAX_RTT, u32],
  rttvar: [rtax.RTAX_RTTVAR, u32],
  ssthresh: [rtax.RTAX_SSTHRESH, u32],
  cwnd: [rtax.RTAX_CWND, u32],
  advmss: [rtax.RTAX_ADVMSS, u32],
  reordering: [rtax.RTAX_REORDERING, u32],
  hoplimit: [rtax.RTAX_HOPLIMIT, u32],
  initcwnd: [rtax.RTAX_INITCWND, u32],
  features: [rtax.RTAX_FEATURES, u32],
  rto_min: [rtax.RTAX_RTO_MIN, u32],
  initrwnd: [rtax.RTAX_INITRWND, u32],
  quickack: [rtax.RTAX_QUICKACK, u32],
  congestion: [rtax.RTAX_CC_ALGO, text],
  fastopen_no_cookie: [rtax.RTAX_FASTOPEN_NO_COOKIE, u32],
} as const);

/** The metrics of a route on the wire. */
export type WireMetrics = ReturnType<typeof metrics.read>;

/** struct rta_cacheinfo; `expires` in hundredths of a second. */
const cacheinfo = struct({
  clntref: u32,
  lastuse: u32,
  expires: s32,
  error: s32,
  used: u32,
  id: u32,
  ts: u32,
  tsage: u32,
});

/** RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE: rtnetlink(7). */
export const routeMessage = message(rtmsg, {
  dst: [rta.RTA_DST, ip],
  src: [rta.RTA_SRC, ip],
  ...hopTable,
  oif: [rta.RTA_OIF, u32],
  iif: [rta.RTA_IIF, u32],
  prefsrc: [rta.RTA_PREFSRC, ip],
  table: [rta.RTA_TABLE, name(u32, tableNames)],
  metric: [rta.RTA_PRIORITY, u32],
  metrics: [rta.RTA_METRICS, metrics],
  multipath: [rta.RTA_MULTIPATH, multipath],
  cacheinfo: [rta.RTA_CACHEINFO, cacheinfo],
  mark: [rta.RTA_MARK, u32],
  uid: [rta.RTA_UID, u32],
  ip_proto: [rta.RTA_IP_PROTO, u8],
  sport: [rta.RTA_SPORT, be16],
  dport: [rta.RTA_DPORT, be16],
  pref: [rta.RTA_PREF, name(u8, preferenceNames)],
  expires: [rta.RTA_EXPIRES, u32],
  ttl_propagate: [rta.RTA_TTL_PROPAGATE, u8],
  nhid: [rta.RTA_NH_ID, u32],
} as const);

/** A route as it is on the wire. */
export type RouteMessage = ReturnType<typeof routeMessage.decode>;

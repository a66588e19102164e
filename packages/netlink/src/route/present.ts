import type { RouteMessage, WireNextHop } from '../messages/route.ts';
import type { LinkNames } from '../session.ts';
import type { IpFamily } from '../text/ip.ts';
import { formatPrefix } from '../text/prefix.ts';
import { withUnknown } from '../unknown.ts';
import type { NextHop, Route } from './route.ts';

function toNextHop({ hops, flags, ifindex, attributes }: WireNextHop, names: LinkNames): NextHop {
  const { gateway, via } = attributes;
  const hop: NextHop = {
    ...(gateway !== undefined && { gateway }),
    ...(via && { via }),
    ...(ifindex !== 0 && { dev: names.nameOf(ifindex) }),
    weight: hops + 1,
    flags,
  };
  return hop;
}

/** A route as callers see it. */
export function toRoute({ header, attributes }: RouteMessage, names: LinkNames): Route {
  const { dst, src, gateway, via, oif, prefsrc, metric, metrics, multipath, pref, nhid, realms, cacheinfo } =
    attributes;
  const family: IpFamily = header.family === 'inet6' ? 'inet6' : 'inet';
  const expires =
    attributes.expires ?? (cacheinfo && cacheinfo.expires > 0 ? Math.floor(cacheinfo.expires / 100) : undefined);
  const { unknown: otherMetrics, ...knownMetrics } = metrics ?? {};
  const route: Route = {
    family,
    type: header.type,
    dst: formatPrefix(dst, header.dst_len, family),
    ...(header.src_len > 0 && { from: formatPrefix(src, header.src_len, family) }),
    ...(gateway !== undefined && { gateway }),
    ...(via && { via }),
    ...(oif !== undefined && { dev: names.nameOf(oif) }),
    table: attributes.table ?? header.table,
    protocol: header.protocol,
    scope: header.scope,
    ...(prefsrc !== undefined && { prefsrc }),
    ...(metric !== undefined && { metric }),
    ...(header.tos !== 0 && { tos: header.tos }),
    flags: header.flags,
    ...(metrics && { metrics: withUnknown(knownMetrics, otherMetrics) }),
    ...(multipath && { nexthops: multipath.map((hop) => toNextHop(hop, names)) }),
    ...(pref !== undefined && { pref }),
    ...(expires !== undefined && { expires }),
    ...(nhid !== undefined && { nhid }),
    ...(realms !== undefined && { realms }),
  };
  return withUnknown(route, attributes.unknown);
}

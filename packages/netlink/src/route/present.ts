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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A route as callers see it. */
export function toRoute({ header, attributes }: RouteMessage, names: LinkNames): Route {
  const { dst, src, gateway, via, oif, prefsrc, metric, metrics, multipath, pref, nhid, realms, cacheinfo } =
    attributes;
  const family: IpFamily = header.family === 'inet6' ? 'inet6' : 'inet';
  const expires =
    attributes.expires ?? (cacheinfo && cacheinfo.expires > 0 ? Math.floor(cacheinfo.expires / 100) : undefined);
  const route: Mutable<Route> = {
    family,
    type: header.type,
    dst: formatPrefix(dst, header.dst_len, family),
    table: attributes.table ?? header.table,
    protocol: header.protocol,
    scope: header.scope,
    flags: header.flags,
  };
  // One by one, as routes are listed by the ten thousand.
  if (header.src_len > 0) route.from = formatPrefix(src, header.src_len, family);
  if (gateway !== undefined) route.gateway = gateway;
  if (via) route.via = via;
  if (oif !== undefined) route.dev = names.nameOf(oif);
  if (prefsrc !== undefined) route.prefsrc = prefsrc;
  if (metric !== undefined) route.metric = metric;
  if (header.tos !== 0) route.tos = header.tos;
  if (metrics) {
    const { unknown, ...known } = metrics;
    route.metrics = withUnknown(known, unknown);
  }
  if (multipath) route.nexthops = multipath.map((hop) => toNextHop(hop, names));
  if (pref !== undefined) route.pref = pref;
  if (expires !== undefined) route.expires = expires;
  if (nhid !== undefined) route.nhid = nhid;
  if (realms !== undefined) route.realms = realms;
  return withUnknown(route, attributes.unknown);
}

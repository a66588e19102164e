import { inField, NetlinkInputError } from '../errors.ts';
import { tableNames } from '../messages/names.ts';
import { type RouteMessage, routeMessage, type Via, type WireNextHop } from '../messages/route.ts';
import type { Device } from '../session.ts';
import type { Request } from '../socket/request.ts';
import { familyOf, type IpFamily, parseIp } from '../text/ip.ts';
import { network, parsePrefix } from '../text/prefix.ts';
import { numberOf } from '../wire/names.ts';
import type { NextHopSettings, RouteSettings } from './route.ts';

type Resolve = (dev: Device) => number;
type HopAttributes = WireNextHop['attributes'];

const other = (family: IpFamily): IpFamily => (family === 'inet' ? 'inet6' : 'inet');

/** What kind of networks a route leads to, as the first of its addresses tells. */
function familyOfRoute(settings: RouteSettings): IpFamily {
  const { dst, family, from, prefsrc, gateway, via, nexthops } = settings;
  if (/[.:]/.test(dst)) return parsePrefix(dst, 'dst').family;
  if (family) return family;
  for (const [field, value] of Object.entries({ prefsrc, from }))
    if (value !== undefined) return parsePrefix(value, field).family;
  // An IPv4 route may have an IPv6 gateway; where it is written as such it says so.
  const hops = [{ gateway, via }, ...(nexthops ?? [])];
  const through = hops.find((hop) => hop.via)?.via;
  if (through) return other(through.family);
  const first = hops.find((hop) => hop.gateway !== undefined)?.gateway;
  return first === undefined ? 'inet' : familyOf(parseIp(first, 'gateway'));
}

/** The gateway in the attribute that its family asks for. */
function gatewayAttributes({ gateway, via }: { gateway?: string; via?: Via }, family: IpFamily): HopAttributes {
  const host = gateway ?? via?.host;
  if (host === undefined) return {};
  const own = familyOf(parseIp(host, gateway === undefined ? 'via' : 'gateway'));
  if (own === family) return { gateway: host };
  if (family === 'inet6') throw new NetlinkInputError('gateway', `${host} is IPv4, and the route is IPv6`);
  return { via: { family: own, host } };
}

/** Flags that a request may set; a route that was read has more. */
function settableFlags(flags: NextHopSettings['flags']): WireNextHop['flags'] {
  return (flags ?? []).filter((flag) => flag === 'onlink' || flag === 'pervasive');
}

function nextHop(hop: NextHopSettings, family: IpFamily, resolve: Resolve): WireNextHop {
  const { weight = 1, dev } = hop;
  if (!Number.isInteger(weight) || weight < 1 || weight > 256)
    throw new NetlinkInputError('weight', `${weight} is not 1 to 256`);
  return {
    hops: weight - 1,
    ifindex: dev === undefined ? 0 : inField('dev', () => resolve(dev)),
    flags: settableFlags(hop.flags),
    attributes: gatewayAttributes(hop, family),
  };
}

/** How far away a destination is, as `ip route` decides it. */
function scopeOf(
  { type = 'unicast', gateway, via, nexthops, nhid }: RouteSettings,
  deleting: boolean,
): RouteMessage['header']['scope'] {
  if (type === 'local' || type === 'nat') return 'host';
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return 'link';
  if (type !== 'unicast' && type !== 'unspec') return deleting ? 'nowhere' : 'global';
  if (deleting) return 'nowhere';
  return gateway === undefined && via === undefined && !nexthops && nhid === undefined ? 'link' : 'global';
}

function tableOf({ table, type }: RouteSettings): number {
  if (table !== undefined) return inField('table', () => numberOf(tableNames, table));
  return type === 'local' || type === 'broadcast' || type === 'anycast' || type === 'nat'
    ? tableNames.local
    : tableNames.main;
}

function address(value: string, field: string, family: IpFamily): string {
  if (familyOf(parseIp(value, field)) !== family)
    throw new NetlinkInputError(field, `${value} is not of the family of the destination, ${family}`);
  return value;
}

function checkDestination(settings: RouteSettings): void {
  const { dst, gateway, via, dev, nexthops, nhid, type = 'unicast', prefsrc } = settings;
  if (!dst) throw new NetlinkInputError('dst', 'a destination is needed: an address, a network, or default');
  const leads = gateway ?? via ?? dev ?? nexthops ?? nhid ?? prefsrc;
  if (type === 'unicast' && leads === undefined)
    throw new NetlinkInputError('gateway', 'a gateway, a link or next hops are needed');
}

/** RTM_NEWROUTE, RTM_DELROUTE. */
export function compileRoute(
  type: number,
  flags: number,
  settings: RouteSettings,
  resolve: Resolve,
  deleting: boolean,
): Request {
  if (!deleting) checkDestination(settings);
  const family = familyOfRoute(settings);
  const dst = parsePrefix(settings.dst, 'dst', family);
  const from = settings.from === undefined ? undefined : parsePrefix(settings.from, 'from', family);
  if (from && from.family !== family)
    throw new NetlinkInputError('from', `${from.address} is not of the family of the destination, ${family}`);
  const { prefsrc, dev, nexthops, metrics, metric, pref, expires, nhid, realms } = settings;
  const table = tableOf(settings);
  const { gateway, via } = gatewayAttributes(settings, family);
  // What is undefined is not sent. One object with all fields, as routes are made by the ten thousand.
  const attributes: RouteMessage['attributes'] = {
    dst: dst.length > 0 ? network(dst) : undefined,
    src: from && from.length > 0 ? network(from) : undefined,
    prefsrc: prefsrc === undefined ? undefined : address(prefsrc, 'prefsrc', family),
    gateway,
    via,
    oif: dev === undefined ? undefined : inField('dev', () => resolve(dev)),
    table: table > 255 ? table : undefined,
    metric,
    metrics,
    multipath: nexthops?.map((hop, i) => inField(`nexthops[${i}]`, () => nextHop(hop, family, resolve))),
    pref: family === 'inet6' ? pref : undefined,
    expires,
    nhid,
    realms,
  };
  const header: Partial<RouteMessage['header']> = {
    family,
    dst_len: dst.length,
    src_len: from?.length ?? 0,
    tos: settings.tos ?? 0,
    // Eight bits: a larger number is in the attribute only.
    table: table > 255 ? 0 : table,
    protocol: settings.protocol ?? (deleting ? 'unspec' : 'boot'),
    scope: settings.scope ?? scopeOf(settings, deleting),
    type: settings.type ?? (deleting ? 'unspec' : 'unicast'),
    flags: settableFlags(settings.flags),
  };
  const subject = `${settings.dst}${settings.gateway === undefined ? '' : ` via ${settings.gateway}`}${dev === undefined ? '' : ` dev ${dev}`}`;
  return { type, flags, payload: routeMessage.encode(header, attributes), subject, layout: routeMessage };
}

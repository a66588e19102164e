import type {
  preferenceNames,
  protocolNames,
  routeFlagNames,
  routeTypeNames,
  scopeNames,
  tableNames,
} from '../messages/names.ts';
import type { Via, WireMetrics } from '../messages/route.ts';
import type { Device } from '../session.ts';
import type { IpFamily } from '../text/ip.ts';
import type { UnknownAttribute } from '../wire/attributes.ts';
import type { FlagNames, Named } from '../wire/names.ts';

/** What TCP shall assume about a path: `mtu` and `advmss` in bytes, `rtt`, `rttvar` and `rto_min` in the kernel's units. */
export type RouteMetrics = Omit<WireMetrics, 'unknown'>;

/** A gateway, or an interface, of a route that has several. */
export interface NextHop {
  /** Of the route's family. */
  readonly gateway?: string;
  /** Of the other family: IPv4 over an IPv6 gateway. */
  readonly via?: Via;
  readonly dev?: string;
  /** 1 to 256. */
  readonly weight: number;
  readonly flags: FlagNames<typeof routeFlagNames>;
}

/** A route, with the names that `ip -d -j route` uses. It can be given back to {@link Routes.add}. */
export interface Route {
  readonly family: IpFamily;
  readonly type: Named<typeof routeTypeNames>;
  /** `default`, `10.0.0.0/8`, `10.0.0.1`. */
  readonly dst: string;
  /** The network that a packet comes from; IPv6 only. */
  readonly from?: string;
  readonly gateway?: string;
  readonly via?: Via;
  readonly dev?: string;
  /** `main`, `local`, `default`, or a number. */
  readonly table: Named<typeof tableNames>;
  readonly protocol: Named<typeof protocolNames>;
  readonly scope: Named<typeof scopeNames>;
  /** The source address of packets that take it. */
  readonly prefsrc?: string;
  /** The lowest wins. */
  readonly metric?: number;
  readonly tos?: number;
  readonly flags: FlagNames<typeof routeFlagNames>;
  readonly metrics?: RouteMetrics;
  readonly nexthops?: readonly NextHop[];
  readonly pref?: Named<typeof preferenceNames>;
  /** In seconds; IPv6. */
  readonly expires?: number;
  /** The number of a nexthop object, ip-nexthop(8). */
  readonly nhid?: number;
  /** Source and destination realm of 16 bits each. */
  readonly realms?: number;
  /** Attributes that this library has no name for; not enumerable. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** A gateway of a route to be made. */
export interface NextHopSettings {
  /** Of either family: one that is not the route's becomes {@link NextHop.via}. */
  readonly gateway?: string;
  readonly via?: Via;
  readonly dev?: Device;
  /** 1 to 256; 1 when undefined. */
  readonly weight?: number;
  /** Of these only `onlink` is the caller's: the gateway is reachable through `dev` although no address says so. */
  readonly flags?: FlagNames<typeof routeFlagNames>;
}

/** A route to be made, changed or deleted. Something of `gateway`, `via`, `dev`, `nexthops`, `nhid` or a type that needs
 * none of them (`blackhole`) says where to. */
export interface RouteSettings extends Omit<NextHopSettings, 'weight'> {
  /** `default`, `10.0.0.0/8`, an address. Bits behind the length are ignored. */
  readonly dst: string;
  /** Of a `default` without addresses; IPv4 when nothing tells. */
  readonly family?: IpFamily;
  readonly from?: string;
  /** `unicast` when undefined. */
  readonly type?: Named<typeof routeTypeNames>;
  /** `main` when undefined, `local` for routes of the types local, broadcast and anycast. */
  readonly table?: Named<typeof tableNames>;
  /** `boot` when undefined. */
  readonly protocol?: Named<typeof protocolNames>;
  /** What follows from type and gateway when undefined. */
  readonly scope?: Named<typeof scopeNames>;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly tos?: number;
  readonly metrics?: RouteMetrics;
  readonly nexthops?: readonly NextHopSettings[];
  readonly pref?: Named<typeof preferenceNames>;
  readonly expires?: number;
  readonly nhid?: number;
  readonly realms?: number;
}

/** Which routes to list. */
export interface RouteFilter {
  /** Both when undefined. */
  readonly family?: IpFamily;
  /** `main` when undefined; `all` for those of every table. */
  readonly table?: Named<typeof tableNames> | 'all';
  /** Only routes with this link. */
  readonly dev?: Device;
  readonly type?: Named<typeof routeTypeNames>;
  readonly protocol?: Named<typeof protocolNames>;
}

/** What a packet looks like whose way is asked for. */
export interface RouteQuery {
  /** Its source address. */
  readonly from?: string;
  /** The link that it comes in by. */
  readonly iif?: Device;
  /** The link that it shall leave by. */
  readonly oif?: Device;
  readonly mark?: number;
}

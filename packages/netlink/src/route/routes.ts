import { nlm } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { NetlinkError } from '../errors.ts';
import { type RouteMessage, routeMessage } from '../messages/route.ts';
import type { Device, Session, Transport } from '../session.ts';
import type { Request } from '../socket/request.ts';
import { bitsOfFamily, familyOf, parseIp } from '../text/ip.ts';
import type { RawMessage } from '../wire/message.ts';
import { compileRoute } from './compile.ts';
import { toRoute } from './present.ts';
import type { Route, RouteFilter, RouteQuery, RouteSettings } from './route.ts';

/** Changes of routes, done at once or queued. */
export class RouteChanges {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  protected resolve = (dev: Device): number => this.#transport.ifindex(dev);

  #new(flags: number, settings: RouteSettings): void {
    this.#transport.perform({ requests: [compileRoute(rtm.RTM_NEWROUTE, flags, settings, this.resolve, false)] });
  }

  /**
   * Makes a route. Needs CAP_NET_ADMIN.
   *
   * ```ts
   * nl.routes.add({ dst: 'default', gateway: '10.0.0.254' });
   * nl.routes.add({ dst: '10.1.0.0/16', nexthops: [{ gateway: '10.0.0.2', weight: 2 }, { gateway: '10.0.0.3' }] });
   * ```
   *
   * @throws {NetlinkInputError} for text that is no address, or addresses of two families.
   * @throws {NetlinkError} `EEXIST` there is one with that destination, metric and tos; `ENETUNREACH` the gateway is on no
   * network of this host; `ENETDOWN` the link is down; `EINVAL` with the kernel's reason.
   */
  add(settings: RouteSettings): void {
    this.#new(nlm.NLM_F_CREATE | nlm.NLM_F_EXCL, settings);
  }

  /** Makes a route in the place of the one with the same destination, metric and tos. */
  replace(settings: RouteSettings): void {
    this.#new(nlm.NLM_F_CREATE | nlm.NLM_F_REPLACE, settings);
  }

  /** Makes a route behind those with the same destination; in IPv6 it becomes a further next hop of theirs. */
  append(settings: RouteSettings): void {
    this.#new(nlm.NLM_F_CREATE | nlm.NLM_F_APPEND, settings);
  }

  /**
   * Changes the route with the same destination.
   *
   * @throws {NetlinkError} `ENOENT` there is none.
   */
  change(settings: RouteSettings): void {
    this.#new(nlm.NLM_F_REPLACE, settings);
  }

  /**
   * Deletes the first route that matches all that is given: `dst` is enough.
   *
   * @throws {NetlinkError} `ESRCH` there is none.
   */
  delete(settings: RouteSettings): void {
    this.#transport.perform({ requests: [compileRoute(rtm.RTM_DELROUTE, 0, settings, this.resolve, true)] });
  }
}

/** Routes: `ip route`. */
export class Routes extends RouteChanges {
  readonly #session: Session;

  constructor(session: Session) {
    super(session);
    this.#session = session;
  }

  /** The routes of the main table, of both families, or those that the filter names; the kernel filters. */
  list({ family, table = 'main', dev, type, protocol }: RouteFilter = {}): readonly Route[] {
    const payload = routeMessage.encode(
      { ...(family && { family }), ...(type !== undefined && { type }), ...(protocol !== undefined && { protocol }) },
      {
        ...(table !== 'all' && { table }),
        ...(dev !== undefined && { oif: this.resolve(dev) }),
      },
    );
    const request = { type: rtm.RTM_GETROUTE, flags: 0, payload, subject: '', layout: routeMessage };
    const names = this.#session.names();
    try {
      return this.#session.exchange.dump(request, decode).map((message) => toRoute(message, names));
    } catch (error) {
      // A table without routes need not be there.
      if (error instanceof NetlinkError && error.code === 'ENOENT' && table !== 'all') return [];
      throw error;
    }
  }

  /**
   * The way that a packet to an address takes: `ip route get`.
   *
   * @throws {NetlinkError} `ENETUNREACH` none.
   */
  lookup(dst: string, { from, iif, oif, mark }: RouteQuery = {}): Route {
    const family = familyOf(parseIp(dst, 'dst'));
    const bits = bitsOfFamily(family);
    const payload = routeMessage.encode(
      { family, dst_len: bits, ...(from !== undefined && { src_len: bits }) },
      {
        dst,
        ...(from !== undefined && { src: from }),
        ...(iif !== undefined && { iif: this.resolve(iif) }),
        ...(oif !== undefined && { oif: this.resolve(oif) }),
        ...(mark !== undefined && { mark }),
      },
    );
    const request: Request = { type: rtm.RTM_GETROUTE, flags: 0, payload, subject: dst, layout: routeMessage };
    const found = this.#session.exchange.get(request, ({ bytes, at, end }) => routeMessage.decode(bytes, at, end));
    return toRoute(found, this.#session.names());
  }
}

/** Undefined for what is no route of IP: multicast routing and MPLS have messages of the same type. */
function decode({ bytes, at, end }: RawMessage): RouteMessage | undefined {
  const { family } = routeMessage.header.read(bytes, at, end);
  return family === 'inet' || family === 'inet6' ? routeMessage.decode(bytes, at, end) : undefined;
}

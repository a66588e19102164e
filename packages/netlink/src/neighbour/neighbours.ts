import { nlm } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { inField } from '../errors.ts';
import type { neighbourStateNames } from '../messages/names.ts';
import { type NeighbourMessage, neighbourMessage } from '../messages/neighbour.ts';
import type { Device, Session, Transport } from '../session.ts';
import type { Request } from '../socket/request.ts';
import { familyOf, type IpFamily, parseIp } from '../text/ip.ts';
import type { RawMessage } from '../wire/message.ts';
import type { FlagNames } from '../wire/names.ts';
import { type Neighbour, toNeighbour } from './neighbour.ts';

/** A neighbour to be set or deleted. */
export interface NeighbourSettings {
  readonly dev: Device;
  readonly dst: string;
  readonly lladdr?: string;
  /** `['PERMANENT']` when undefined. */
  readonly state?: FlagNames<typeof neighbourStateNames>;
  readonly router?: boolean;
  /** Whether this host shall answer for the address. */
  readonly proxy?: boolean;
  readonly extern_learn?: boolean;
}

/** Which neighbours to list. */
export interface NeighbourFilter {
  readonly family?: IpFamily;
  readonly dev?: Device;
  /** The addresses that this host answers for, in place of the neighbours. */
  readonly proxy?: boolean;
}

function compileNeighbour(
  type: number,
  flags: number,
  settings: NeighbourSettings,
  resolve: (dev: Device) => number,
): Request {
  const { dev, lladdr, proxy, router, extern_learn } = settings;
  const dst = parseIp(settings.dst, 'dst');
  const header: Partial<NeighbourMessage['header']> = {
    family: familyOf(dst),
    ifindex: inField('dev', () => resolve(dev)),
    state: settings.state ?? (proxy ? [] : ['PERMANENT']),
    flags: [
      ...(proxy ? (['proxy'] as const) : []),
      ...(router ? (['router'] as const) : []),
      ...(extern_learn ? (['extern_learn'] as const) : []),
    ],
  };
  const payload = neighbourMessage.encode(header, { dst, ...(lladdr !== undefined && { lladdr }) });
  return { type, flags, payload, subject: `${settings.dst} dev ${dev}`, layout: neighbourMessage };
}

/** Changes of neighbours, done at once or queued. */
export class NeighbourChanges {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  protected resolve = (dev: Device): number => this.#transport.ifindex(dev);

  #perform(type: number, flags: number, settings: NeighbourSettings): void {
    this.#transport.perform({ requests: [compileNeighbour(type, flags, settings, this.resolve)] });
  }

  /**
   * Sets the link-layer address of an address. Needs CAP_NET_ADMIN.
   *
   * ```ts
   * nl.neighbours.add({ dev: 'eth0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09' });
   * ```
   *
   * @throws {NetlinkError} `EEXIST` there is one.
   */
  add(settings: NeighbourSettings): void {
    this.#perform(rtm.RTM_NEWNEIGH, nlm.NLM_F_CREATE | nlm.NLM_F_EXCL, settings);
  }

  /** Sets it, whether there is one or not. */
  replace(settings: NeighbourSettings): void {
    this.#perform(rtm.RTM_NEWNEIGH, nlm.NLM_F_CREATE | nlm.NLM_F_REPLACE, settings);
  }

  /** @throws {NetlinkError} `ENOENT` there is none. */
  delete(settings: NeighbourSettings): void {
    this.#perform(rtm.RTM_DELNEIGH, 0, settings);
  }
}

/** Neighbours, which ARP and neighbour discovery find: `ip neigh`. */
export class Neighbours extends NeighbourChanges {
  readonly #session: Session;

  constructor(session: Session) {
    super(session);
    this.#session = session;
  }

  /** All neighbours, or those that the filter names; the kernel filters. */
  list({ family, dev, proxy }: NeighbourFilter = {}): readonly Neighbour[] {
    const payload = neighbourMessage.encode(
      { ...(family && { family }), ...(proxy && { flags: ['proxy'] }) },
      { ...(dev !== undefined && { via: this.resolve(dev) }) },
    );
    const request = { type: rtm.RTM_GETNEIGH, flags: 0, payload, subject: '', layout: neighbourMessage };
    const names = this.#session.names();
    return this.#session.exchange.dump(request, decode).map((message) => toNeighbour(message, names));
  }
}

/** Undefined for entries that are none of IP's. */
function decode({ bytes, at, end }: RawMessage): NeighbourMessage | undefined {
  const { family } = neighbourMessage.header.read(bytes, at, end);
  return family === 'inet' || family === 'inet6' ? neighbourMessage.decode(bytes, at, end) : undefined;
}

import { nlm } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { inField } from '../errors.ts';
import { type NeighbourMessage, neighbourMessage } from '../messages/neighbour.ts';
import type { Device, Session, Transport } from '../session.ts';
import type { Request } from '../socket/request.ts';
import { parseIp } from '../text/ip.ts';
import { type FdbEntry, toFdbEntry } from './neighbour.ts';

/** An entry to be set or deleted. */
export interface FdbSettings {
  /** The port of the bridge, the VXLAN, or the link itself, behind which the address is. */
  readonly dev: Device;
  readonly mac: string;
  /**
   * Whose database: the link's own (`self`), or that of the bridge that it is a port of (`master`); `self` when
   * undefined.
   */
  readonly of?: 'self' | 'master';
  /** `permanent` when undefined; `dynamic` entries age. */
  readonly state?: 'permanent' | 'static' | 'dynamic';
  /** VXLAN: the host that it is behind. */
  readonly dst?: string;
  readonly vlan?: number;
  readonly port?: number;
  readonly vni?: number;
  /** VXLAN: the link that packets leave by. */
  readonly via?: Device;
}

const states = { permanent: ['PERMANENT'], static: ['NOARP', 'REACHABLE'], dynamic: ['REACHABLE'] } as const;

function compileFdb(type: number, flags: number, settings: FdbSettings, resolve: (dev: Device) => number): Request {
  const { dev, mac, of = 'self', state = 'permanent', dst, vlan, port, vni, via } = settings;
  const header: Partial<NeighbourMessage['header']> = {
    family: 'bridge',
    ifindex: inField('dev', () => resolve(dev)),
    // An entry of a bridge that does not age is what `bridge` calls local when it is permanent.
    state: states[state],
    flags: [of],
  };
  const attributes: NeighbourMessage['attributes'] = {
    lladdr: mac,
    ...(dst !== undefined && { dst: parseIp(dst, 'dst') }),
    ...(vlan !== undefined && { vlan }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
    ...(via !== undefined && { via: inField('via', () => resolve(via)) }),
  };
  const payload = neighbourMessage.encode(header, attributes);
  return { type, flags, payload, subject: `${mac} dev ${dev}`, layout: neighbourMessage };
}

/** Changes of forwarding databases, done at once or queued. */
export class FdbChanges {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  protected resolve = (dev: Device): number => this.#transport.ifindex(dev);

  #perform(type: number, flags: number, settings: FdbSettings): void {
    this.#transport.perform({ requests: [compileFdb(type, flags, settings, this.resolve)] });
  }

  /**
   * Adds an entry. Needs CAP_NET_ADMIN.
   *
   * @throws {NetlinkError} `EEXIST` there is one for the address.
   */
  add(settings: FdbSettings): void {
    this.#perform(rtm.RTM_NEWNEIGH, nlm.NLM_F_CREATE | nlm.NLM_F_EXCL, settings);
  }

  /** Sets an entry, whether there is one or not. */
  replace(settings: FdbSettings): void {
    this.#perform(rtm.RTM_NEWNEIGH, nlm.NLM_F_CREATE | nlm.NLM_F_REPLACE, settings);
  }

  /** VXLAN: adds a further host for the address. */
  append(settings: FdbSettings): void {
    this.#perform(rtm.RTM_NEWNEIGH, nlm.NLM_F_CREATE | nlm.NLM_F_APPEND, settings);
  }

  /** @throws {NetlinkError} `ENOENT` there is none. */
  delete(settings: FdbSettings): void {
    this.#perform(rtm.RTM_DELNEIGH, 0, settings);
  }
}

/** Forwarding databases of bridges and VXLANs: `bridge fdb`. */
export class Fdb extends FdbChanges {
  readonly #session: Session;

  constructor(session: Session) {
    super(session);
    this.#session = session;
  }

  /** All entries, or those of one link, or of one bridge; the kernel filters. */
  list({ dev, master }: { readonly dev?: Device; readonly master?: Device } = {}): readonly FdbEntry[] {
    const index = dev === undefined ? 0 : this.resolve(dev);
    const payload = neighbourMessage.encode(
      { family: 'bridge', ifindex: index },
      { ...(master !== undefined && { master: this.resolve(master) }) },
    );
    const request = { type: rtm.RTM_GETNEIGH, flags: 0, payload, subject: '', layout: neighbourMessage };
    const names = this.#session.names();
    return this.#session.exchange
      .dump(request, ({ bytes, at, end }) => neighbourMessage.decode(bytes, at, end))
      .filter(({ header }) => header.family === 'bridge')
      .map((message) => toFdbEntry(message, names));
  }
}

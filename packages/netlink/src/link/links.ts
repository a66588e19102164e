import { rtm } from '../constants/rtnetlink.ts';
import { NetlinkError, NetlinkInputError } from '../errors.ts';
import { linkMessage } from '../messages/link.ts';
import { type Device, linkRequest, type Session, type Transport } from '../session.ts';
import type { RawMessage } from '../wire/message.ts';
import { compileAdd, compileDelete, compileDeleteGroup, compileSet, compileTaggedAdd } from './compile.ts';
import type { Link } from './link.ts';
import { toLink } from './present.ts';
import type { LinkChange, NewLink } from './settings.ts';

/** Changes of links, done at once or queued. */
export class LinkChanges {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  protected resolve = (dev: Device): number => this.#transport.ifindex(dev);

  /**
   * Makes a link. Needs CAP_NET_ADMIN.
   *
   * ```ts
   * nl.links.add({ kind: 'veth', ifname: 'veth0', up: true, peer: { ifname: 'eth0', netns: { pid }, up: true } });
   * ```
   *
   * @throws {NetlinkInputError} for a name, address or setting that no link can have.
   * @throws {NetlinkError} `EEXIST` the name or index is taken, `EOPNOTSUPP` this kernel has no such kind, `ENODEV` the
   * link below or the master is not there, `EPERM`.
   */
  add(link: NewLink): void {
    if (link.ifalias === undefined) this.#transport.perform(compileAdd(link, this.resolve));
    else this.addTagged(link, link.ifalias);
  }

  protected addTagged(_link: NewLink, _ifalias: string): void {
    throw new NetlinkInputError('ifalias', 'cannot be given in a batch: set it afterwards');
  }

  /**
   * Changes a link: only what is given. Needs CAP_NET_ADMIN.
   *
   * ```ts
   * nl.links.set('veth0', { master: 'br0', mtu: 1400, up: true, bridge_slave: { hairpin: true } });
   * ```
   *
   * @throws {NetlinkError} `ENODEV` there is no such link, `EBUSY` it must be down for that, `EINVAL` the value does not
   * fit it (the message says which), `EPERM`.
   */
  set(dev: Device, change: LinkChange): void {
    this.#transport.perform(compileSet(dev, change, this.resolve));
  }

  /**
   * Deletes a link; a veth takes its other end along. Needs CAP_NET_ADMIN.
   *
   * @throws {NetlinkError} `ENODEV` there is no such link, `EOPNOTSUPP` it is hardware.
   */
  delete(dev: Device): void {
    this.#transport.perform(compileDelete(dev));
  }

  /**
   * Deletes all links of a group. The kernel waits once for all of them, where it waits some milliseconds for each that is
   * deleted alone.
   *
   * @param group 1 or more: 0 is the group of all links that were never put into one.
   * @throws {NetlinkError} `ENODEV` there is no such link, `EOPNOTSUPP` one of them is hardware.
   */
  deleteGroup(group: number): void {
    this.#transport.perform(compileDeleteGroup(group));
  }
}

/** What to list. */
export interface LinkFilter {
  /** Only links of this kind: `bridge`. */
  readonly kind?: string;
  /** Only ports of this link. */
  readonly master?: Device;
}

/** Network interfaces: `ip link`. */
export class Links extends LinkChanges {
  readonly #session: Session;

  constructor(session: Session) {
    super(session);
    this.#session = session;
  }

  /** All links, or those that the filter names; the kernel filters. */
  list({ kind, master }: LinkFilter = {}): readonly Link[] {
    const payload = linkMessage.encode(
      {},
      {
        ...(master !== undefined && { master: this.resolve(master) }),
        ...(kind !== undefined && { linkinfo: { info_kind: kind } }),
      },
    );
    const request = { type: rtm.RTM_GETLINK, flags: 0, payload, subject: '', layout: linkMessage };
    const found = this.#session.exchange.dump(request, decode);
    const complete = kind === undefined && master === undefined;
    const own = new Map(found.map(({ header, attributes }) => [header.index, attributes.ifname ?? '']));
    const names = complete ? { nameOf: (index: number) => own.get(index) ?? `if${index}` } : this.#session.names();
    return found.map((message) => toLink(message, names));
  }

  /**
   * One link, by name, alternative name or index.
   *
   * @throws {NetlinkError} `ENODEV`
   */
  get(dev: Device): Link {
    return toLink(this.#session.exchange.get(linkRequest(dev, 0), decode), this.#session.names());
  }

  /** One link, or undefined when there is none. */
  find(dev: Device): Link | undefined {
    try {
      return this.get(dev);
    } catch (error) {
      if (error instanceof NetlinkError && error.code === 'ENODEV') return undefined;
      throw error;
    }
  }

  protected override addTagged(link: NewLink, ifalias: string): void {
    const { passing, make, finish } = compileTaggedAdd(link, ifalias, this.resolve);
    this.#session.perform(make);
    this.#session.perform(finish(this.resolve(passing)));
  }
}

function decode({ bytes, at, end }: RawMessage): ReturnType<typeof linkMessage.decode> {
  return linkMessage.decode(bytes, at, end);
}

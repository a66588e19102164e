import { nlm } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { type AddressMessage, addressMessage } from '../messages/address.ts';
import type { Device, Session, Transport } from '../session.ts';
import type { RawMessage } from '../wire/message.ts';
import type { Address, AddressFilter, AddressSettings } from './address.ts';
import { compileAddress, toAddress } from './compile.ts';

/** Changes of addresses, done at once or queued. */
export class AddressChanges {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  protected resolve = (dev: Device): number => this.#transport.ifindex(dev);

  #perform(type: number, flags: number, settings: AddressSettings): void {
    this.#transport.perform({ requests: [compileAddress(type, flags, settings, this.resolve)] });
  }

  /**
   * Gives a link an address. Needs CAP_NET_ADMIN.
   *
   * ```ts
   * nl.addresses.add({ dev: 'eth0', local: '10.0.0.1/24' });
   * ```
   *
   * @throws {NetlinkInputError} for text that is no address, or addresses of two families.
   * @throws {NetlinkError} `EEXIST` it has that address, `ENODEV` there is no such link.
   */
  add(settings: AddressSettings): void {
    this.#perform(rtm.RTM_NEWADDR, nlm.NLM_F_CREATE | nlm.NLM_F_EXCL, settings);
  }

  /** Gives a link an address, or changes lifetimes and flags of the one it has. */
  replace(settings: AddressSettings): void {
    this.#perform(rtm.RTM_NEWADDR, nlm.NLM_F_CREATE | nlm.NLM_F_REPLACE, settings);
  }

  /**
   * Takes an address away; in IPv4 with it those that are secondary to it, unless the sysctl promote_secondaries is set.
   *
   * @throws {NetlinkError} `EADDRNOTAVAIL` the link has no such address.
   */
  delete(settings: AddressSettings): void {
    this.#perform(rtm.RTM_DELADDR, 0, settings);
  }
}

/** IP addresses of links: `ip addr`. */
export class Addresses extends AddressChanges {
  readonly #session: Session;

  constructor(session: Session) {
    super(session);
    this.#session = session;
  }

  /** All addresses, or those that the filter names; the kernel filters. */
  list({ dev, family }: AddressFilter = {}): readonly Address[] {
    const payload = addressMessage.encode({
      ...(family && { family }),
      ...(dev !== undefined && { index: this.resolve(dev) }),
    });
    const request = { type: rtm.RTM_GETADDR, flags: 0, payload, subject: '', layout: addressMessage };
    const names = this.#session.names();
    return this.#session.exchange.dump(request, decode).map((message) => toAddress(message, names));
  }
}

/** Undefined for families that are none of IP's, MCTP's for one. */
function decode({ bytes, at, end }: RawMessage): AddressMessage | undefined {
  const { family } = addressMessage.header.read(bytes, at, end);
  return family === 'inet' || family === 'inet6' ? addressMessage.decode(bytes, at, end) : undefined;
}

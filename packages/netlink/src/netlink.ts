import { Links } from './link/links.ts';
import { borrow, type NamespaceRef } from './namespace/namespace.ts';
import { Session } from './session.ts';
import { Exchange } from './socket/exchange.ts';
import { NetlinkSocket } from './socket/socket.ts';

/** How a conversation is opened. */
export interface NetlinkOptions {
  /** The network namespace to talk about; the calling thread's when undefined. Another one needs CAP_SYS_ADMIN. */
  readonly netns?: NamespaceRef;
  /** How many bytes of answers may wait, 1 MiB when undefined. */
  readonly receiveBufferBytes?: number;
}

/** Opens a socket in a namespace. */
function openSocket({ netns, receiveBufferBytes }: NetlinkOptions): NetlinkSocket {
  const common = receiveBufferBytes === undefined ? {} : { receiveBufferBytes };
  if (netns === undefined) return new NetlinkSocket(common);
  const { fd, opened } = borrow(netns);
  using _held = opened;
  return new NetlinkSocket({ ...common, netns: fd });
}

/**
 * A conversation with the kernel about the interfaces, addresses and routes of one network namespace.
 *
 * ```ts
 * using nl = new Netlink();
 * nl.links.get('lo').mtu; // 65536
 * ```
 */
export class Netlink implements Disposable {
  readonly #socket: NetlinkSocket;
  /** Network interfaces. */
  readonly links: Links;

  constructor(options: NetlinkOptions = {}) {
    this.#socket = openSocket(options);
    const session = new Session(new Exchange(this.#socket));
    this.links = new Links(session);
  }

  /** Closes the socket; the second time nothing happens. */
  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

import { duplicate, type Fd } from '@nsinit/syscall';
import { Addresses } from './address/addresses.ts';
import { type Batch, type BatchResult, runBatch } from './batch.ts';
import { Links } from './link/links.ts';
import { addTunTap, type TunTapSettings } from './link/tuntap.ts';
import { Monitor, type MonitorOptions } from './monitor/monitor.ts';
import { inNamespace } from './namespace/enter.ts';
import { borrow, type NamespaceRef } from './namespace/namespace.ts';
import { Fdb } from './neighbour/fdb.ts';
import { Neighbours } from './neighbour/neighbours.ts';
import { Qdiscs } from './qdisc/qdiscs.ts';
import { Routes } from './route/routes.ts';
import { Rules } from './rule/rules.ts';
import { Session } from './session.ts';
import { Exchange } from './socket/exchange.ts';
import { NetlinkSocket } from './socket/socket.ts';

/** How a conversation is opened. */
export interface NetlinkOptions {
  /**
   * The network namespace to talk about; the calling thread's when undefined. Another one needs CAP_SYS_ADMIN. It stays
   * in existence until the conversation is closed.
   */
  readonly netns?: NamespaceRef;
  /** How many bytes of answers may wait in the kernel, 1 MiB when undefined. */
  readonly receiveBufferBytes?: number;
}

/** A descriptor of our own for a namespace. */
function ownDescriptor(ref: NamespaceRef): Fd {
  const { fd, opened } = borrow(ref);
  return opened ?? duplicate({ fd }, 3);
}

/**
 * A conversation with the kernel about the interfaces, addresses and routes of one network namespace. Calls are
 * synchronous: the kernel answers at once. It belongs to the thread that made it; every worker can make its own.
 *
 * ```ts
 * using nl = new Netlink();
 * nl.links.get('lo').mtu; // 65536
 * ```
 */
export class Netlink implements Disposable {
  readonly #netns: Fd | undefined;
  readonly #socket: NetlinkSocket;
  readonly #session: Session;
  /** Network interfaces: `ip link`. */
  readonly links: Links;
  /** IP addresses: `ip addr`. */
  readonly addresses: Addresses;
  /** Routes: `ip route`. */
  readonly routes: Routes;
  /** Rules that choose routing tables: `ip rule`. */
  readonly rules: Rules;
  /** Neighbours: `ip neigh`. */
  readonly neighbours: Neighbours;
  /** Forwarding databases: `bridge fdb`. */
  readonly fdb: Fdb;
  /** Queueing disciplines: `tc qdisc`. */
  readonly qdiscs: Qdiscs;

  /** @throws {SyscallError} `ENOENT` the namespace is not there, `EPERM` it may not be entered. */
  constructor({ netns, receiveBufferBytes }: NetlinkOptions = {}) {
    this.#netns = netns === undefined ? undefined : ownDescriptor(netns);
    try {
      this.#socket = new NetlinkSocket({
        ...(this.#netns && { netns: this.#netns.fd }),
        ...(receiveBufferBytes !== undefined && { receiveBufferBytes }),
      });
    } catch (error) {
      this.#netns?.close();
      throw error;
    }
    const session = new Session(new Exchange(this.#socket));
    this.#session = session;
    this.links = new Links(session);
    this.addresses = new Addresses(session);
    this.routes = new Routes(session);
    this.rules = new Rules(session);
    this.neighbours = new Neighbours(session);
    this.fdb = new Fdb(session);
    this.qdiscs = new Qdiscs(session);
  }

  /**
   * Makes many changes in few system calls, each whatever becomes of the others.
   *
   * ```ts
   * const results = nl.batch((b) => {
   *   for (const dst of networks) b.routes.add({ dst, gateway: '10.0.0.2' });
   * });
   * results.filter((result) => !result.ok); // what the kernel refused, and why
   * ```
   *
   * @returns one result for each call, in order.
   * @throws {NetlinkInputError} and nothing is done when a value is none.
   */
  batch(fill: (batch: Batch) => void): readonly BatchResult[] {
    return runBatch(this.#session, fill);
  }

  /** Watches for changes; see {@link Monitor}. */
  monitor(options: MonitorOptions = {}): Monitor {
    const names = (): ReadonlyMap<number, string> => this.#session.allNames();
    return new Monitor({ names, ...(this.#netns && { netns: this.#netns.fd }) }, options);
  }

  /**
   * Makes a tun or tap link, which stays until `links.delete`: `ip tuntap add`. Needs CAP_NET_ADMIN.
   *
   * @throws {NetlinkError} `EBUSY` the name is taken.
   */
  addTunTap(settings: TunTapSettings): void {
    if (this.#netns) inNamespace(this.#netns, () => addTunTap(settings));
    else addTunTap(settings);
  }

  /** Closes the socket; the second time nothing happens. */
  close(): void {
    this.#socket.close();
    this.#netns?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

import { type Watch, watchReadable } from '@nsinit/syscall';
import { groups, rtm } from '../constants/rtnetlink.ts';
import { NetlinkOverrunError } from '../errors.ts';
import { linkMessage } from '../messages/link.ts';
import type { LinkNames } from '../session.ts';
import { NetlinkSocket } from '../socket/socket.ts';
import { type RawMessage, splitMessages } from '../wire/message.ts';
import { type EventKind, type NetlinkEvent, toEvent } from './event.ts';

const groupsOf: Readonly<Record<EventKind, readonly number[]>> = {
  link: [groups.RTNLGRP_LINK],
  address: [groups.RTNLGRP_IPV4_IFADDR, groups.RTNLGRP_IPV6_IFADDR],
  route: [groups.RTNLGRP_IPV4_ROUTE, groups.RTNLGRP_IPV6_ROUTE],
  rule: [groups.RTNLGRP_IPV4_RULE, groups.RTNLGRP_IPV6_RULE],
  neighbour: [groups.RTNLGRP_NEIGH],
  fdb: [groups.RTNLGRP_NEIGH],
};

const allKinds = Object.keys(groupsOf) as EventKind[];

/** How many events may wait in this process; more of them wait in the kernel, and then there is an overrun. */
const MAX_WAITING = 4096;

/** What to watch, and how. */
export interface MonitorOptions {
  /** All kinds when undefined. */
  readonly events?: readonly EventKind[];
  /** Ends the iteration: it throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** How many bytes of events may wait in the kernel, 1 MiB when undefined. */
  readonly receiveBufferBytes?: number;
}

/** Where a monitor's socket is opened, and what it may ask. */
export interface MonitorSource {
  readonly netns?: number;
  /** Names of links as they are now. */
  readonly names: () => ReadonlyMap<number, string>;
}

/**
 * Events as they happen, from the moment it is made:
 *
 * ```ts
 * for await (const event of nl.monitor({ events: ['link'], signal: AbortSignal.timeout(10_000) })) {
 *   if (event.event === 'link') console.log(event.action, event.link.ifname);
 * }
 * ```
 *
 * Leaving the loop closes it. When events come faster than they are taken, some are lost, and an `overrun` event stands
 * where they would have been.
 */
export class Monitor implements AsyncIterableIterator<NetlinkEvent>, Disposable {
  readonly #socket: NetlinkSocket;
  readonly #kinds: ReadonlySet<string>;
  readonly #signal: AbortSignal | undefined;
  readonly #names: Map<number, string>;
  readonly #waiting: NetlinkEvent[] = [];
  #taker: { resolve(result: IteratorResult<NetlinkEvent>): void; reject(reason: unknown): void } | undefined;
  #watch: Watch | undefined;
  #ended = false;
  #failure: { readonly reason: unknown } | undefined;

  constructor({ netns, names }: MonitorSource, { events = allKinds, signal, receiveBufferBytes }: MonitorOptions) {
    signal?.throwIfAborted();
    this.#signal = signal;
    this.#kinds = new Set(events);
    // Links are always watched: the names in all other events come from them.
    const joined = new Set(['link' as const, ...events].flatMap((kind) => groupsOf[kind]));
    this.#socket = new NetlinkSocket({
      groups: [...joined],
      ...(netns !== undefined && { netns }),
      ...(receiveBufferBytes !== undefined && { receiveBufferBytes }),
    });
    try {
      this.#names = new Map(names());
    } catch (error) {
      this.#socket.close();
      throw error;
    }
    signal?.addEventListener('abort', this.#abort, { once: true });
    this.#resume();
  }

  readonly #abort = (): void => this.#fail(this.#signal?.reason);

  readonly #linkNames: LinkNames = { nameOf: (ifindex) => this.#names.get(ifindex) ?? `if${ifindex}` };

  #resume(): void {
    this.#watch ??= watchReadable(this.#socket.fd, () => this.#read());
  }

  #pause(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #read(): void {
    try {
      while (!this.#ended && this.#waiting.length < MAX_WAITING) {
        const datagram = this.#receive();
        if (datagram === undefined) return;
        if (datagram === 'overrun') {
          this.#give({ event: 'overrun' });
          // libuv stops watching a descriptor that polls with an error.
          this.#pause();
          this.#resume();
        } else for (const message of splitMessages(datagram)) this.#take(message);
      }
      // Nobody takes events: the kernel keeps them until somebody does.
      this.#pause();
    } catch (error) {
      this.#fail(error);
    }
  }

  #receive(): Uint8Array | 'overrun' | undefined {
    try {
      return this.#socket.receive();
    } catch (error) {
      if (error instanceof NetlinkOverrunError) return 'overrun';
      throw error;
    }
  }

  #take(message: RawMessage): void {
    if (message.type === rtm.RTM_NEWLINK || message.type === rtm.RTM_DELLINK) this.#learnName(message);
    const event = toEvent(message, this.#linkNames);
    if (event && this.#kinds.has(event.event)) this.#give(event);
  }

  #learnName({ bytes, at, end }: RawMessage): void {
    const { header, attributes } = linkMessage.decode(bytes, at, end);
    if (attributes.ifname !== undefined) this.#names.set(header.index, attributes.ifname);
  }

  #give(event: NetlinkEvent): void {
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker) taker.resolve({ done: false, value: event });
    else this.#waiting.push(event);
  }

  #fail(reason: unknown): void {
    if (this.#ended) return;
    const taker = this.#taker;
    this.#taker = undefined;
    this.close();
    if (taker) taker.reject(reason);
    else this.#failure = { reason };
  }

  /** The next event; waits for one. One call at a time. */
  next(): Promise<IteratorResult<NetlinkEvent>> {
    const event = this.#waiting.shift();
    if (event) {
      if (!this.#ended && this.#waiting.length < MAX_WAITING / 2) this.#resume();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#failure) {
      const { reason } = this.#failure;
      this.#failure = undefined;
      return Promise.reject(reason);
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    if (this.#taker) return Promise.reject(new Error('the last event was not waited for'));
    return new Promise((resolve, reject) => {
      this.#taker = { resolve, reject };
    });
  }

  /** Ends the iteration: what a loop calls when it is left. */
  return(): Promise<IteratorResult<NetlinkEvent>> {
    this.close();
    this.#waiting.length = 0;
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Stops watching and closes the socket; a `next` that waits gets the end. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#pause();
    this.#socket.close();
    this.#taker?.resolve({ done: true, value: undefined });
    this.#taker = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

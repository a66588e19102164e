import { AddressChanges } from './address/addresses.ts';
import type { NetlinkError } from './errors.ts';
import { LinkChanges } from './link/links.ts';
import { FdbChanges } from './neighbour/fdb.ts';
import { NeighbourChanges } from './neighbour/neighbours.ts';
import { QdiscChanges } from './qdisc/qdiscs.ts';
import { RouteChanges } from './route/routes.ts';
import { RuleChanges } from './rule/rules.ts';
import type { Device, Session, Transport } from './session.ts';
import type { Operation } from './socket/request.ts';

/** How one call of a batch went. */
export type BatchResult = { readonly ok: true } | { readonly ok: false; readonly error: NetlinkError };

class Queue implements Transport {
  readonly operations: Operation[] = [];
  readonly #session: Session;
  readonly #indexes = new Map<string, number>();

  constructor(session: Session) {
    this.#session = session;
  }

  ifindex(dev: Device): number {
    if (typeof dev === 'number') return this.#session.ifindex(dev);
    let index = this.#indexes.get(dev);
    if (index === undefined) {
      index = this.#session.ifindex(dev);
      this.#indexes.set(dev, index);
    }
    return index;
  }

  perform(operation: Operation): void {
    this.operations.push(operation);
  }
}

/**
 * The changes that a batch can hold. Values are checked and names of links become indexes at the call: a link that the
 * same batch makes must be named by an `ifindex` of the caller's choice, except to {@link LinkChanges}.
 */
export class Batch {
  readonly links: LinkChanges;
  readonly addresses: AddressChanges;
  readonly routes: RouteChanges;
  readonly rules: RuleChanges;
  readonly neighbours: NeighbourChanges;
  readonly fdb: FdbChanges;
  readonly qdiscs: QdiscChanges;

  constructor(transport: Transport) {
    this.links = new LinkChanges(transport);
    this.addresses = new AddressChanges(transport);
    this.routes = new RouteChanges(transport);
    this.rules = new RuleChanges(transport);
    this.neighbours = new NeighbourChanges(transport);
    this.fdb = new FdbChanges(transport);
    this.qdiscs = new QdiscChanges(transport);
  }
}

/** Collects the changes that a function asks for, and makes them. */
export function runBatch(session: Session, fill: (batch: Batch) => void): readonly BatchResult[] {
  const queue = new Queue(session);
  try {
    fill(new Batch(queue));
  } catch (error) {
    for (const { holds } of queue.operations) for (const held of holds ?? []) held[Symbol.dispose]();
    throw error;
  }
  return session.exchange.perform(queue.operations).map((error) => (error ? { ok: false, error } : { ok: true }));
}

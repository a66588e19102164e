import { nlm, nlmsg } from '../constants/netlink.ts';
import { NetlinkDumpInterruptedError, NetlinkError, NetlinkOverrunError } from '../errors.ts';
import { type Ack, decodeAck } from '../messages/ack.ts';
import { attributePath } from '../wire/attributes.ts';
import { align, Bytes, Writer } from '../wire/bytes.ts';
import { MESSAGE_HEADER, type RawMessage, splitMessages, writeMessage } from '../wire/message.ts';
import { describe, type Operation, type Request } from './request.ts';
import type { NetlinkSocket } from './socket.ts';

/** How often a dump is begun again when changes interrupt it. */
const DUMP_ATTEMPTS = 20;

/** Limits of one datagram: its bytes, and how many errors may wait for us in the receive buffer. */
const DATAGRAM_BYTES = 64 * 1024;
const DATAGRAM_MESSAGES = 200;

/** Requests and their answers over one socket: numbered, matched, complete. */
export class Exchange {
  readonly #socket: NetlinkSocket;
  #sequence = 0;

  constructor(socket: NetlinkSocket) {
    this.#socket = socket;
  }

  #next(): number {
    this.#sequence = (this.#sequence + 1) >>> 0 || 1;
    return this.#sequence;
  }

  /** The messages of the next datagram that are for us. */
  #receive(): readonly RawMessage[] {
    return splitMessages(this.#socket.receiveAnswer()).filter(({ port }) => port === this.#socket.port);
  }

  /**
   * Asks for one thing.
   *
   * @throws {NetlinkError} when the kernel refuses: `ENODEV`, `ENOENT`.
   */
  get<T>(request: Request, read: (message: RawMessage) => T): T {
    const sequence = this.#next();
    const out = new Writer();
    writeMessage(out, { type: request.type, flags: request.flags | nlm.NLM_F_REQUEST, sequence }, request.payload);
    this.#socket.send(out.bytes());
    for (;;) {
      for (const message of this.#receive()) {
        if (message.sequence !== sequence) continue;
        if (message.type !== nlmsg.NLMSG_ERROR) return read(message);
        throw refusal(request, decodeAck(message));
      }
    }
  }

  /**
   * Asks for all there is. `read` decodes and asks nothing itself: the answer is still coming in. A dump that changes interrupted (NLM_F_DUMP_INTR) is begun again.
   *
   * @throws {NetlinkDumpInterruptedError} after the twentieth time.
   * @throws {NetlinkError} when the kernel refuses.
   */
  dump<T>(request: Request, read: (message: RawMessage) => T | undefined): T[] {
    for (let attempt = 0; attempt < DUMP_ATTEMPTS; attempt++) {
      const found = this.#dumpOnce(request, read);
      if (found) return found;
    }
    throw new NetlinkDumpInterruptedError(`${describe(request)}: interrupted by changes ${DUMP_ATTEMPTS} times`);
  }

  /** Undefined when it was interrupted. */
  #dumpOnce<T>(request: Request, read: (message: RawMessage) => T | undefined): T[] | undefined {
    const sequence = this.#next();
    const out = new Writer();
    const flags = request.flags | nlm.NLM_F_REQUEST | nlm.NLM_F_DUMP;
    writeMessage(out, { type: request.type, flags, sequence }, request.payload);
    this.#socket.send(out.bytes());
    const found: T[] = [];
    let interrupted = false;
    // Until the end is read the socket takes no other dump: so a message that cannot be read does not end the loop.
    let failure: unknown;
    for (;;) {
      let messages: readonly RawMessage[];
      try {
        messages = this.#receive();
      } catch (error) {
        if (!(error instanceof NetlinkOverrunError)) throw error;
        interrupted = true;
        continue;
      }
      for (const message of messages) {
        if (message.sequence !== sequence) continue;
        interrupted ||= (message.flags & nlm.NLM_F_DUMP_INTR) !== 0;
        if (message.type === nlmsg.NLMSG_ERROR || message.type === nlmsg.NLMSG_DONE) {
          const ack = decodeAck(message);
          if (ack.errno !== 0) throw refusal(request, ack);
          if (failure !== undefined) throw failure;
          return interrupted ? undefined : found;
        }
        if (failure !== undefined || interrupted) continue;
        try {
          const value = read(message);
          if (value !== undefined) found.push(value);
        } catch (error) {
          failure = error;
        }
      }
    }
  }

  /**
   * Has the kernel do operations, in order, each whatever becomes of the others.
   *
   * @returns for each undefined, or why it failed.
   */
  perform(operations: readonly Operation[]): readonly (NetlinkError | undefined)[] {
    const results: (NetlinkError | undefined)[] = [];
    try {
      for (const datagram of datagrams(operations)) results.push(...this.#performDatagram(datagram));
    } finally {
      for (const { holds } of operations) for (const held of holds ?? []) held[Symbol.dispose]();
    }
    const undos = operations.flatMap(({ undo }, i) => (results[i] && undo ? [{ requests: [undo] }] : []));
    for (const datagram of datagrams(undos)) this.#performDatagram(datagram);
    return results;
  }

  /**
   * Only the last message asks for an acknowledgement: the kernel tells of failures unasked, and handles messages in
   * order, so when the last is acknowledged every other one without an error has succeeded.
   */
  #performDatagram(operations: readonly Operation[]): readonly (NetlinkError | undefined)[] {
    const out = new Writer(4096);
    const owners = new Map<number, { readonly operation: number; readonly request: Request }>();
    const results: (NetlinkError | undefined)[] = operations.map(() => undefined);
    const total = operations.reduce((count, { requests }) => count + requests.length, 0);
    if (total === 0) return results;
    let sequence = 0;
    operations.forEach(({ requests }, operation) => {
      for (const request of requests) {
        sequence = this.#next();
        owners.set(sequence, { operation, request });
        const flags = request.flags | nlm.NLM_F_REQUEST | (owners.size === total ? nlm.NLM_F_ACK : 0);
        writeMessage(out, { type: request.type, flags, sequence }, request.payload);
      }
    });
    this.#socket.send(out.bytes());
    for (;;) {
      for (const message of this.#receive()) {
        const owner = owners.get(message.sequence);
        if (!owner || message.type !== nlmsg.NLMSG_ERROR) continue;
        const ack = decodeAck(message);
        // The first failure is the reason; those behind it follow from it.
        if (ack.errno !== 0) results[owner.operation] ??= refusal(owner.request, ack);
        if (message.sequence === sequence) return results;
      }
    }
  }
}

/** Operations in as few datagrams as the limits allow; the requests of one operation are never divided. */
function* datagrams(operations: readonly Operation[]): Generator<readonly Operation[]> {
  let group: Operation[] = [];
  let bytes = 0;
  let messages = 0;
  for (const operation of operations) {
    const size = operation.requests.reduce((sum, { payload }) => sum + MESSAGE_HEADER + align(payload.length), 0);
    const full = bytes + size > DATAGRAM_BYTES || messages + operation.requests.length > DATAGRAM_MESSAGES;
    if (group.length > 0 && full) {
      yield group;
      group = [];
      bytes = 0;
      messages = 0;
    }
    group.push(operation);
    bytes += size;
    messages += operation.requests.length;
  }
  if (group.length > 0) yield group;
}

function refusal(request: Request, ack: Ack): NetlinkError {
  const attribute = ack.offset === undefined ? undefined : attributeAt(request, ack.offset);
  return new NetlinkError(describe(request), ack.errno, { ...ack, ...(attribute && { attribute }) });
}

/** The offset counts from the message's header. */
function attributeAt({ layout, payload }: Request, offset: number): string | undefined {
  const at = offset - MESSAGE_HEADER;
  if (!layout || at < 0 || at >= payload.length) return undefined;
  return attributePath(layout.table, new Bytes(payload), align(layout.header.size), payload.length, at) || undefined;
}

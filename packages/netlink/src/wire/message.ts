import { NetlinkDecodeError } from '../errors.ts';
import { type Attributes, attributes } from './attributes.ts';
import { align, Bytes, Writer } from './bytes.ts';
import type { AttributeTable } from './codec.ts';
import type { StructCodec } from './struct.ts';

/** struct nlmsghdr: length, type, flags, sequence number, port. */
export const MESSAGE_HEADER = 16;

/** One message as it was received, not yet read. */
export interface RawMessage {
  /** nlmsg_type: `RTM_NEWLINK`. */
  readonly type: number;
  /** nlmsg_flags. */
  readonly flags: number;
  readonly sequence: number;
  /** nlmsg_pid: the port of the socket that an answer is for, 0 for an event. */
  readonly port: number;
  /** What holds it, and where its payload lies in there. */
  readonly bytes: Bytes;
  readonly at: number;
  readonly end: number;
}

/** The messages of one datagram. Shares its memory. */
export function splitMessages(datagram: Uint8Array): RawMessage[] {
  const bytes = new Bytes(datagram);
  const found: RawMessage[] = [];
  let at = 0;
  while (at < bytes.length) {
    bytes.need(at, bytes.length, MESSAGE_HEADER, 'a message header');
    const { view } = bytes;
    const length = view.getUint32(at, true);
    if (length < MESSAGE_HEADER || at + length > bytes.length)
      throw new NetlinkDecodeError(`message at offset ${at} says ${length} bytes, and ${bytes.length - at} are left`);
    found.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      port: view.getUint32(at + 12, true),
      bytes,
      at: at + MESSAGE_HEADER,
      end: at + length,
    });
    at += align(length);
  }
  return found;
}

/** Appends a message header and a payload, and pads. */
export function writeMessage(
  out: Writer,
  header: { readonly type: number; readonly flags: number; readonly sequence: number },
  payload: Uint8Array,
): void {
  const at = out.reserve(MESSAGE_HEADER);
  const { view } = out;
  view.setUint32(at, MESSAGE_HEADER + payload.length, true);
  view.setUint16(at + 4, header.type, true);
  view.setUint16(at + 6, header.flags, true);
  view.setUint32(at + 8, header.sequence, true);
  out.append(payload);
  out.pad();
}

/** A message's fixed part and its attributes. */
export interface Message<H, T extends AttributeTable> {
  readonly header: H;
  readonly attributes: Attributes<T>;
}

/** How messages of one kind are written and read. */
export interface MessageLayout<H, T extends AttributeTable> {
  readonly header: StructCodec<H>;
  readonly table: T;
  /** The payload of a message; fields of the header that are not given are 0. */
  encode(header: Partial<H>, attributes?: Attributes<T>): Uint8Array;
  decode(bytes: Bytes, at: number, end: number): Message<H, T>;
}

/** Declares a kind of message. */
export function message<H, T extends AttributeTable>(header: StructCodec<H>, table: T): MessageLayout<H, T> {
  const codec = attributes(table);
  const out = new Writer();
  return {
    header,
    table,
    encode(fixed, values) {
      out.reset();
      header.write(out, fixed);
      out.pad();
      if (values) codec.write(out, values);
      return out.bytes().slice();
    },
    decode(bytes, at, end) {
      const fixed = header.read(bytes, at, end);
      return { header: fixed, attributes: codec.read(bytes, Math.min(end, at + align(header.size)), end) };
    },
  };
}

/** Reads a message from bytes of its own: the payload behind nlmsghdr. */
export function decodePayload<H, T extends AttributeTable>(
  layout: MessageLayout<H, T>,
  payload: Uint8Array,
): Message<H, T> {
  return layout.decode(new Bytes(payload), 0, payload.length);
}

/**
 * The layer below `@nsinit/netlink`, for other protocols of netlink: sockets, requests and their answers, and layouts of
 * messages that are declared once and give their type, their encoder and their decoder.
 *
 * @packageDocumentation
 */

export { nla, nlm, nlmsg } from './constants/netlink.ts';
export { type Ack, decodeAck } from './messages/ack.ts';
export { Exchange } from './socket/exchange.ts';
export type { Operation, Request } from './socket/request.ts';
export { NetlinkSocket, type SocketOptions } from './socket/socket.ts';
export { ip, lladdr } from './wire/address.ts';
export {
  type Attributes,
  type AttributesCodec,
  attributes,
  eachAttribute,
  list,
  type UnknownAttribute,
  writeAttribute,
} from './wire/attributes.ts';
export { align, Bytes, Writer } from './wire/bytes.ts';
export {
  type AttributeTable,
  appendFixed,
  type Codec,
  type FixedCodec,
  type Shape,
  type ValueOf,
} from './wire/codec.ts';
export {
  decodePayload,
  MESSAGE_HEADER,
  type Message,
  type MessageLayout,
  message,
  type RawMessage,
  splitMessages,
  writeMessage,
} from './wire/message.ts';
export { type FlagNames, flags, type Named, type NameTable, name } from './wire/names.ts';
export { be16, be32, boolean, flag, mapped, s8, s32, s64, u8, u16, u32, u64 } from './wire/numbers.ts';
export { type StructCodec, type StructOf, struct } from './wire/struct.ts';
export { raw, text } from './wire/text.ts';

import { nlm, nlmsg, nlmsgerr } from '../constants/netlink.ts';
import type { ExtendedAck } from '../errors.ts';
import { attributes } from '../wire/attributes.ts';
import { align } from '../wire/bytes.ts';
import { MESSAGE_HEADER, type RawMessage } from '../wire/message.ts';
import { s32, u32 } from '../wire/numbers.ts';
import { raw, text } from '../wire/text.ts';

const ackAttributes = attributes({
  message: [nlmsgerr.NLMSGERR_ATTR_MSG, text],
  offset: [nlmsgerr.NLMSGERR_ATTR_OFFS, u32],
  policy: [nlmsgerr.NLMSGERR_ATTR_POLICY, raw],
  missing: [nlmsgerr.NLMSGERR_ATTR_MISS_TYPE, u32],
  missing_in: [nlmsgerr.NLMSGERR_ATTR_MISS_NEST, u32],
} as const);

/** What NLMSG_ERROR or NLMSG_DONE says. */
export interface Ack extends Pick<ExtendedAck, 'message' | 'offset' | 'missing'> {
  /** 0 for success. */
  readonly errno: number;
}

/**
 * Reads an acknowledgement (NLMSG_ERROR, whose error may be 0) or the end of a dump (NLMSG_DONE): netlink(7). Behind the
 * error number stands the header of the request, and the whole request unless NLM_F_CAPPED is set.
 */
export function decodeAck(message: RawMessage): Ack {
  const { bytes, at, end } = message;
  // An old kernel ends a dump without a number.
  if (message.type === nlmsg.NLMSG_DONE && at === end) return { errno: 0 };
  const errno = Math.abs(s32.read(bytes, at, end));
  if ((message.flags & nlm.NLM_F_ACK_TLVS) === 0) return { errno };
  let attributesAt = at + 4;
  if (message.type === nlmsg.NLMSG_ERROR) {
    const request = u32.read(bytes, at + 4, end);
    attributesAt += (message.flags & nlm.NLM_F_CAPPED) === 0 ? align(request) : MESSAGE_HEADER;
  }
  const said = ackAttributes.read(bytes, Math.min(attributesAt, end), end);
  return {
    errno,
    ...(said.message !== undefined && { message: said.message }),
    ...(said.offset !== undefined && { offset: said.offset }),
    ...(said.missing !== undefined && { missing: said.missing }),
  };
}

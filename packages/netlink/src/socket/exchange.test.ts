import { describe, expect, it } from 'vitest';
import { nlm, nlmsg } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { NetlinkDecodeError, NetlinkDumpInterruptedError, NetlinkError, NetlinkOverrunError } from '../errors.ts';
import { linkMessage } from '../messages/link.ts';
import { Writer } from '../wire/bytes.ts';
import { type RawMessage, splitMessages } from '../wire/message.ts';
import { Exchange } from './exchange.ts';
import type { NetlinkSocket } from './socket.ts';

const PORT = 4711;

interface Sent {
  readonly sequence: number;
  readonly flags: number;
  readonly type: number;
}

interface Given {
  readonly type: number;
  readonly flags?: number;
  readonly sequence: number;
  readonly port?: number;
  readonly payload?: Uint8Array;
}

function datagram(...messages: readonly Given[]): Uint8Array {
  const out = new Writer();
  for (const { type, flags = 0, sequence, port = PORT, payload = new Uint8Array() } of messages) {
    const at = out.reserve(16);
    out.view.setUint32(at, 16 + payload.length, true);
    out.view.setUint16(at + 4, type, true);
    out.view.setUint16(at + 6, flags, true);
    out.view.setUint32(at + 8, sequence, true);
    out.view.setUint32(at + 12, port, true);
    out.append(payload);
    out.pad();
  }
  return out.bytes().slice();
}

/** A kernel that answers as a test wants. */
function kernel(answer: (first: Sent, sent: readonly Sent[]) => readonly (Uint8Array | Error)[]): {
  exchange: Exchange;
  sent: Sent[][];
} {
  const waiting: (Uint8Array | Error)[] = [];
  const sent: Sent[][] = [];
  const socket: Pick<NetlinkSocket, 'port' | 'send' | 'receiveAnswer'> = {
    port: PORT,
    send(bytes) {
      const messages = splitMessages(bytes.slice()).map(({ sequence, flags, type }) => ({ sequence, flags, type }));
      sent.push(messages);
      waiting.push(...answer(messages[0]!, messages));
    },
    receiveAnswer() {
      const next = waiting.shift();
      if (next === undefined) throw new Error('the kernel says no more');
      if (next instanceof Error) throw next;
      return next;
    },
  };
  return { exchange: new Exchange(socket as NetlinkSocket), sent };
}

const request = {
  type: rtm.RTM_GETLINK,
  flags: 0,
  payload: linkMessage.encode({}),
  subject: 'v0',
  layout: linkMessage,
};
const done = (sequence: number, flags = 0): Given => ({
  type: nlmsg.NLMSG_DONE,
  flags,
  sequence,
  payload: new Uint8Array(4),
});
const link = (sequence: number, index: number, flags = 0): Given => ({
  type: rtm.RTM_NEWLINK,
  flags,
  sequence,
  payload: linkMessage.encode({ index }),
});
const readIndex = ({ bytes, at, end }: RawMessage): number => linkMessage.decode(bytes, at, end).header.index;

/** NLMSG_ERROR: the number, the request's header, and attributes behind it. */
function refusal(sequence: number, errno: number, attributes = ''): Given {
  const payload = Buffer.alloc(20);
  payload.writeInt32LE(-errno);
  payload.writeUInt32LE(16, 4);
  const flags = nlm.NLM_F_CAPPED | (attributes ? nlm.NLM_F_ACK_TLVS : 0);
  return {
    type: nlmsg.NLMSG_ERROR,
    flags,
    sequence,
    payload: Buffer.concat([payload, Buffer.from(attributes, 'hex')]),
  };
}

describe('a dump', () => {
  it('goes on over datagrams to its end', () => {
    const { exchange } = kernel(({ sequence }) => [
      datagram(link(sequence, 1), link(sequence, 2)),
      datagram(link(sequence, 3)),
      datagram(done(sequence)),
    ]);
    expect(exchange.dump(request, readIndex)).toEqual([1, 2, 3]);
  });

  it('passes over answers to others: another sequence number, another port', () => {
    const { exchange } = kernel(({ sequence }) => [
      datagram(link(sequence - 1, 9), done(sequence - 1)),
      datagram({ ...link(sequence, 8), port: PORT + 1 }),
      datagram(link(sequence, 1), done(sequence)),
    ]);
    expect(exchange.dump(request, readIndex)).toEqual([1]);
  });

  it.each([
    ['a message', (s: number) => [datagram(link(s, 1, nlm.NLM_F_DUMP_INTR), done(s))]],
    ['its end', (s: number) => [datagram(link(s, 1), done(s, nlm.NLM_F_DUMP_INTR))]],
    ['a lost datagram', (s: number) => [datagram(link(s, 1)), new NetlinkOverrunError('lost'), datagram(done(s))]],
  ])('begins again when %s says it was interrupted', (_, interrupted) => {
    let asked = 0;
    const { exchange, sent } = kernel(({ sequence }) =>
      asked++ === 0 ? interrupted(sequence) : [datagram(link(sequence, 5), done(sequence))],
    );
    expect(exchange.dump(request, readIndex)).toEqual([5]);
    expect(sent).toHaveLength(2);
    expect(sent[0]![0]!.sequence).not.toBe(sent[1]![0]!.sequence);
  });

  it('gives up after twenty interruptions', () => {
    const { exchange, sent } = kernel(({ sequence }) => [datagram(done(sequence, nlm.NLM_F_DUMP_INTR))]);
    expect(() => exchange.dump(request, readIndex)).toThrow(NetlinkDumpInterruptedError);
    expect(sent).toHaveLength(20);
  });

  it('reads to its end before it throws, so that the socket can be used again', () => {
    let asked = 0;
    const { exchange } = kernel(({ sequence }) => [
      asked++ === 0
        ? datagram({ type: rtm.RTM_NEWLINK, sequence, payload: new Uint8Array(3) }, link(sequence, 2), done(sequence))
        : datagram(link(sequence, 3), done(sequence)),
    ]);
    expect(() => exchange.dump(request, readIndex)).toThrow(NetlinkDecodeError);
    expect(exchange.dump(request, readIndex)).toEqual([3]);
  });

  it('tells of a refusal, at once or at its end', () => {
    const { exchange } = kernel(({ sequence }) => [datagram(refusal(sequence, 1))]);
    expect(() => exchange.dump(request, readIndex)).toThrow(/^RTM_GETLINK v0: EPERM/);
    const late = Buffer.alloc(4);
    late.writeInt32LE(-22);
    const atEnd = kernel(({ sequence }) => [datagram({ type: nlmsg.NLMSG_DONE, sequence, payload: late })]);
    expect(() => atEnd.exchange.dump(request, readIndex)).toThrow(/EINVAL/);
  });
});

describe('a refusal', () => {
  // NLMSGERR_ATTR_MSG "Bad MTU", NLMSGERR_ATTR_OFFS 32: the first attribute behind both headers.
  const extended = '0c000100426164204d545500' + '0800020020000000';
  const setMtu = { ...request, type: rtm.RTM_NEWLINK, payload: linkMessage.encode({ index: 1 }, { mtu: 1 }) };

  it("has the kernel's words and the attribute that they are about", () => {
    const { exchange } = kernel(({ sequence }) => [datagram(refusal(sequence, 22, extended))]);
    const [error] = exchange.perform([{ requests: [setMtu] }]);
    expect(error).toBeInstanceOf(NetlinkError);
    expect(error).toMatchObject({ code: 'EINVAL', extack: 'Bad MTU', offset: 32, attribute: 'mtu' });
    expect(error?.message).toBe('RTM_NEWLINK v0: EINVAL (invalid argument): Bad MTU (at mtu)');
  });

  it('may carry the whole request', () => {
    const { exchange } = kernel(({ sequence }) => {
      const capped = refusal(sequence, 22);
      const whole = Buffer.alloc(20 + 8);
      whole.writeInt32LE(-22);
      whole.writeUInt32LE(24, 4);
      const payload = Buffer.concat([whole, Buffer.from(extended, 'hex')]);
      return [datagram({ ...capped, flags: nlm.NLM_F_ACK_TLVS, payload })];
    });
    expect(exchange.perform([{ requests: [setMtu] }])[0]).toMatchObject({ extack: 'Bad MTU' });
  });
});

describe('operations', () => {
  it('ask for one acknowledgement a datagram, and count silence as success', () => {
    const { exchange, sent } = kernel((_, messages) => [
      datagram(refusal(messages[1]!.sequence, 17)),
      datagram(refusal(messages.at(-1)!.sequence, 0)),
    ]);
    const results = exchange.perform(Array.from({ length: 3 }, () => ({ requests: [request] })));
    expect(results.map((error) => error?.code)).toEqual([undefined, 'EEXIST', undefined]);
    expect(sent[0]!.map(({ flags }) => flags & nlm.NLM_F_ACK)).toEqual([0, 0, nlm.NLM_F_ACK]);
  });

  it('of several requests fail with the first reason, and are undone', () => {
    let asked = 0;
    const { exchange, sent } = kernel((_, messages) =>
      asked++ === 0
        ? [datagram(refusal(messages[0]!.sequence, 17)), datagram(refusal(messages[1]!.sequence, 19))]
        : [datagram(refusal(messages[0]!.sequence, 19))],
    );
    const undo = { ...request, type: rtm.RTM_DELLINK };
    expect(exchange.perform([{ requests: [request, request], undo }])[0]?.code).toBe('EEXIST');
    expect(sent[1]).toMatchObject([{ type: rtm.RTM_DELLINK }]);
  });

  it('are sent in datagrams of a bounded size', () => {
    const { exchange, sent } = kernel((_, messages) => [datagram(refusal(messages.at(-1)!.sequence, 0))]);
    exchange.perform(Array.from({ length: 1000 }, () => ({ requests: [request, request] })));
    expect(sent.every((messages) => messages.length <= 200)).toBe(true);
    expect(sent.flat()).toHaveLength(2000);
  });

  it('let go of what they hold, also when sending fails', () => {
    let closed = 0;
    const holds = [{ [Symbol.dispose]: () => void closed++ }];
    const { exchange } = kernel(() => [new Error('no answer')]);
    expect(() => exchange.perform([{ requests: [request], holds }])).toThrow('no answer');
    expect(closed).toBe(1);
  });
});

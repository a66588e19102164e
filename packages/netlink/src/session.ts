import { extMask, rtm } from './constants/rtnetlink.ts';
import { NetlinkInputError } from './errors.ts';
import { linkMessage } from './messages/link.ts';
import type { Exchange } from './socket/exchange.ts';
import type { Operation, Request } from './socket/request.ts';
import type { RawMessage } from './wire/message.ts';

/** A link by its name, an alternative name of it, or its index. */
export type Device = string | number;

/** What changes are handed to: done at once, or queued by a batch. */
export interface Transport {
  /** Index of a link; asks the kernel for that of a name. */
  ifindex(dev: Device): number;
  /** Does or queues an operation. */
  perform(operation: Operation): void;
}

/** Names of links by index, for results. */
export interface LinkNames {
  /** The name, or `if7` for a link that is not there any more. */
  nameOf(ifindex: number): string;
}

/** IFNAMSIZ less the NUL byte; longer names are alternative ones. */
const MAX_NAME = 15;

/** The fields of a message that say which link is meant; the kernel looks names up itself. */
export function targetFields(dev: Device): {
  readonly index: number;
  readonly name: { readonly ifname?: string; readonly alt_ifname?: string };
} {
  if (typeof dev === 'number') return { index: checkIndex(dev, 'dev'), name: {} };
  if (dev === '') throw new NetlinkInputError('dev', 'the name of a link is empty');
  return { index: 0, name: Buffer.byteLength(dev) > MAX_NAME ? { alt_ifname: dev } : { ifname: dev } };
}

/** The request for one link. */
export function linkRequest(dev: Device, mask: number): Request {
  const { index, name } = targetFields(dev);
  return {
    type: rtm.RTM_GETLINK,
    flags: 0,
    payload: linkMessage.encode({ index }, { ...name, ext_mask: mask }),
    subject: String(dev),
    layout: linkMessage,
  };
}

/** Checks an index; the kernel would take 0 for "any". */
export function checkIndex(ifindex: number, field: string): number {
  if (!Number.isInteger(ifindex) || ifindex < 1 || ifindex > 0x7fff_ffff)
    throw new NetlinkInputError(field, `${ifindex} is not the index of a link`);
  return ifindex;
}

/** A conversation with one kernel: requests that are answered at once, and the names of links for their results. */
export class Session implements Transport {
  readonly exchange: Exchange;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }

  ifindex(dev: Device): number {
    if (typeof dev === 'number') return checkIndex(dev, 'dev');
    return this.exchange.get(linkRequest(dev, extMask.RTEXT_FILTER_SKIP_STATS), ({ bytes, at, end }) =>
      linkMessage.header.read(bytes, at, end),
    ).index;
  }

  perform(operation: Operation): void {
    const [failure] = this.exchange.perform([operation]);
    if (failure) throw failure;
  }

  /** Names as they are now; asked for with the first index, and then remembered. */
  names(): LinkNames {
    let known: ReadonlyMap<number, string> | undefined;
    return {
      nameOf: (ifindex) => {
        known ??= this.allNames();
        return known.get(ifindex) ?? `if${ifindex}`;
      },
    };
  }

  /** All names as they are now. */
  allNames(): ReadonlyMap<number, string> {
    const request: Request = {
      type: rtm.RTM_GETLINK,
      flags: 0,
      payload: linkMessage.encode({}, { ext_mask: extMask.RTEXT_FILTER_SKIP_STATS }),
      subject: '',
      layout: linkMessage,
    };
    return new Map(this.exchange.dump(request, readName));
  }
}

/** Index and name of a link; the rest of the message is not looked at. */
function readName(message: RawMessage): readonly [number, string] | undefined {
  const { header, attributes } = linkMessage.decode(message.bytes, message.at, message.end);
  return attributes.ifname === undefined ? undefined : [header.index, attributes.ifname];
}

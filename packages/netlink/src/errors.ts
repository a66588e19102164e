import { type ErrnoName, errnoMessage, errnoName } from '@nsinit/syscall';

/** What the kernel tells about a refused request beside the error number, as far as it says anything. */
export interface ExtendedAck {
  /** The kernel's own words: `Nexthop has invalid gateway`. */
  readonly message?: string;
  /** Where in the request the fault lies, in bytes from the start of its header. */
  readonly offset?: number;
  /** The attribute at that offset, by its name in our layouts: `linkinfo.data.id`. */
  readonly attribute?: string;
  /** The type number of an attribute that the request lacks (kernel 6.1 or newer). */
  readonly missing?: number;
}

/**
 * The kernel refused a request. Branch on {@link NetlinkError.code}, never on the text.
 *
 * Common codes: `EEXIST` the thing is there already, `ENODEV` and `ESRCH` it is not there, `EPERM` CAP_NET_ADMIN is
 * missing, `EOPNOTSUPP` the kernel has no such kind of link, `ENETUNREACH` a gateway is on no network of ours,
 * `EBUSY` the link must be down first.
 */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  /** The error number. */
  readonly errno: number;
  /** Its name: `EEXIST`. */
  readonly code: ErrnoName | `E${number}`;
  /** What was asked: `RTM_NEWLINK veth0`. */
  readonly request: string;
  /** {@link ExtendedAck.message} */
  readonly extack: string | undefined;
  readonly offset: number | undefined;
  readonly attribute: string | undefined;
  readonly missing: number | undefined;

  constructor(request: string, errno: number, details: ExtendedAck = {}) {
    const said = details.message === undefined ? '' : `: ${details.message.replace(/\.$/, '')}`;
    const where = details.attribute === undefined ? '' : ` (at ${details.attribute})`;
    super(`${request}: ${errnoName(errno)} (${errnoMessage(errno)})${said}${where}`);
    this.request = request;
    this.errno = errno;
    this.code = errnoName(errno);
    this.extack = details.message;
    this.offset = details.offset;
    this.attribute = details.attribute;
    this.missing = details.missing;
  }
}

/** A value that we refuse before the kernel sees it: a name that is too long, an address that is none. */
export class NetlinkInputError extends TypeError {
  override readonly name = 'NetlinkInputError';
  readonly code = 'ERR_NETLINK_INPUT';
  /** The field that holds it, from the outside in: `peer.ifname`. */
  readonly field: string;
  /** What is wrong with it. */
  readonly problem: string;

  constructor(field: string, problem: string) {
    super(field === '' ? problem : `${field}: ${problem}`);
    this.field = field;
    this.problem = problem;
  }

  /** The same about a field that holds the field. */
  within(outer: string): NetlinkInputError {
    return new NetlinkInputError(this.field === '' ? outer : `${outer}.${this.field}`, this.problem);
  }
}

/** Calls a function whose complaints are about parts of a field. */
export function inField<T>(field: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof NetlinkInputError ? error.within(field) : error;
  }
}

/** Bytes that are no netlink message, or not the one they say they are. */
export class NetlinkDecodeError extends Error {
  override readonly name = 'NetlinkDecodeError';
  readonly code = 'ERR_NETLINK_DECODE';
}

/**
 * Messages of the kernel were lost because they came faster than they were read (ENOBUFS). A dump is repeated by
 * itself; after this error of a change it is unknown which of the changes were made: list and compare.
 */
export class NetlinkOverrunError extends Error {
  override readonly name = 'NetlinkOverrunError';
  readonly code = 'ERR_NETLINK_OVERRUN';
}

/** A dump that was interrupted by changes again and again: what it would tell is not one consistent state. */
export class NetlinkDumpInterruptedError extends Error {
  override readonly name = 'NetlinkDumpInterruptedError';
  readonly code = 'ERR_NETLINK_DUMP_INTERRUPTED';
}

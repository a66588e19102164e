import { nlm } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { inField, NetlinkInputError } from '../errors.ts';
import { optionsCodec, type QdiscMessage, qdiscMessage, type WireQdiscOptions } from '../messages/qdisc.ts';
import type { Device, LinkNames, Session, Transport } from '../session.ts';
import type { Request } from '../socket/request.ts';
import { withUnknown } from '../unknown.ts';
import type { UnknownAttribute } from '../wire/attributes.ts';
import { Bytes, Writer } from '../wire/bytes.ts';
import { compileOptions, isKnownKind, presentOptions, type QdiscOptions } from './options.ts';

/** TC_H_ROOT, TC_H_INGRESS of linux/pkt_sched.h. */
const ROOT = 0xffff_ffff;
const INGRESS = 0xffff_fff1;

/** A queueing discipline, with the names that `tc -j qdisc` uses. */
export interface Qdisc {
  readonly ifindex: number;
  readonly dev: string;
  /** `fq_codel`. */
  readonly kind: string;
  /** `8001:`; `0:` for one that the kernel chose. */
  readonly handle: string;
  /** Whether everything that leaves goes through it. */
  readonly root?: true;
  /** The class that it hangs below: `1:10`; `ffff:fff1` for what comes in. */
  readonly parent?: string;
  readonly refcnt?: number;
  /** Bytes for a kind without a table here. */
  readonly options?: QdiscOptions[keyof QdiscOptions] | Uint8Array;
  /** Attributes that this library has no name for; not enumerable. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** Where a queueing discipline is. */
export interface QdiscPlace {
  readonly dev: Device;
  /** A class such as `1:10`, `root`, or `ingress`; `root` when undefined. */
  readonly parent?: string;
  /** `1:`; the kernel picks one when undefined. */
  readonly handle?: string;
}

/** A queueing discipline to be made or changed. */
export type QdiscSettings = QdiscPlace &
  (
    | {
        readonly [K in keyof QdiscOptions]: { readonly kind: K; readonly options?: QdiscOptions[K] };
      }[keyof QdiscOptions]
    | { readonly kind: string & Record<never, never>; readonly options?: Uint8Array }
  );

function parseHandle(text: string, field: string): number {
  if (text === 'root') return ROOT;
  if (text === 'ingress' || text === 'clsact') return INGRESS;
  const match = /^([0-9a-f]{1,4}):([0-9a-f]{0,4})$/i.exec(text);
  if (!match) throw new NetlinkInputError(field, `${JSON.stringify(text)} is not a handle such as 1: or 1:10`);
  return ((Number.parseInt(match[1]!, 16) << 16) | Number.parseInt(match[2] || '0', 16)) >>> 0;
}

/** `1:` and `1:10`, in hexadecimal digits. */
function formatHandle(handle: number): string {
  const minor = handle & 0xffff;
  return `${(handle >>> 16).toString(16)}:${minor === 0 ? '' : minor.toString(16)}`;
}

function encodeOptions(settings: QdiscSettings): Uint8Array | undefined {
  const { kind, options } = settings as { readonly kind: string; readonly options?: unknown };
  if (options instanceof Uint8Array) return options;
  if (!isKnownKind(kind)) return undefined;
  if (options === undefined && kind !== 'htb' && kind !== 'netem') return undefined;
  const out = new Writer();
  const wire = inField('options', () => compileOptions(kind, (options ?? {}) as QdiscOptions[typeof kind]));
  inField('options', () => optionsCodec(kind).write(out, wire));
  return out.bytes();
}

function compilePlace(place: QdiscPlace, resolve: (dev: Device) => number): Partial<QdiscMessage['header']> {
  const { dev, parent = 'root', handle } = place;
  return {
    ifindex: inField('dev', () => resolve(dev)),
    parent: parseHandle(parent, 'parent'),
    handle: handle === undefined ? 0 : parseHandle(handle, 'handle'),
  };
}

function compileQdisc(flags: number, settings: QdiscSettings, resolve: (dev: Device) => number): Request {
  const options = encodeOptions(settings);
  const payload = qdiscMessage.encode(compilePlace(settings, resolve), {
    kind: settings.kind,
    ...(options && { options }),
  });
  return {
    type: rtm.RTM_NEWQDISC,
    flags,
    payload,
    subject: `${settings.kind} dev ${settings.dev}`,
    layout: qdiscMessage,
  };
}

/** A queueing discipline as callers see it. */
export function toQdisc({ header, attributes }: QdiscMessage, names: LinkNames): Qdisc {
  const { kind = '', options, unknown } = attributes;
  let shown: Qdisc['options'] = options;
  if (options && isKnownKind(kind)) {
    const wire = optionsCodec(kind).read(new Bytes(options), 0, options.length) as WireQdiscOptions[typeof kind];
    shown = presentOptions(kind, wire);
  }
  const qdisc: Qdisc = {
    ifindex: header.ifindex,
    dev: names.nameOf(header.ifindex),
    kind,
    handle: formatHandle(header.handle),
    ...(header.parent === ROOT
      ? { root: true as const }
      : header.parent !== 0 && { parent: formatHandle(header.parent) }),
    ...(header.info !== 1 && header.info !== 0 && { refcnt: header.info }),
    ...(shown && { options: shown }),
  };
  return withUnknown(qdisc, unknown);
}

/** Changes of queueing disciplines, done at once or queued. */
export class QdiscChanges {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  protected resolve = (dev: Device): number => this.#transport.ifindex(dev);

  #new(flags: number, settings: QdiscSettings): void {
    this.#transport.perform({ requests: [compileQdisc(flags, settings, this.resolve)] });
  }

  /**
   * Makes a queueing discipline. Needs CAP_NET_ADMIN.
   *
   * ```ts
   * nl.qdiscs.add({ dev: 'eth0', kind: 'tbf', options: { rate: 125_000, burst: 32_768, lat: 50_000 } });
   * ```
   *
   * @throws {NetlinkError} `EEXIST` there is one at that place, `ENOENT` this kernel has no such kind.
   */
  add(settings: QdiscSettings): void {
    this.#new(nlm.NLM_F_CREATE | nlm.NLM_F_EXCL, settings);
  }

  /** Makes one in the place of what is there. */
  replace(settings: QdiscSettings): void {
    this.#new(nlm.NLM_F_CREATE | nlm.NLM_F_REPLACE, settings);
  }

  /** Changes options of one that is there. */
  change(settings: QdiscSettings): void {
    this.#new(0, settings);
  }

  /**
   * Deletes one; the kernel puts its own default there.
   *
   * @throws {NetlinkError} `ENOENT` there is none but the default.
   */
  delete(place: QdiscPlace): void {
    const payload = qdiscMessage.encode(compilePlace(place, this.resolve));
    const subject = `dev ${place.dev}`;
    this.#transport.perform({
      requests: [{ type: rtm.RTM_DELQDISC, flags: 0, payload, subject, layout: qdiscMessage }],
    });
  }
}

/** Queueing disciplines: `tc qdisc`. */
export class Qdiscs extends QdiscChanges {
  readonly #session: Session;

  constructor(session: Session) {
    super(session);
    this.#session = session;
  }

  /** All, or those of one link. */
  list({ dev }: { readonly dev?: Device } = {}): readonly Qdisc[] {
    const index = dev === undefined ? 0 : this.resolve(dev);
    const payload = qdiscMessage.encode({ ifindex: index });
    const request = { type: rtm.RTM_GETQDISC, flags: 0, payload, subject: '', layout: qdiscMessage };
    const names = this.#session.names();
    return this.#session.exchange
      .dump(request, ({ bytes, at, end }) => qdiscMessage.decode(bytes, at, end))
      .filter(({ header }) => index === 0 || header.ifindex === index)
      .map((message) => toQdisc(message, names));
  }
}

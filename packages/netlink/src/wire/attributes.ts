import { nla } from '../constants/netlink.ts';
import { inField, NetlinkDecodeError, NetlinkInputError } from '../errors.ts';
import { align, type Bytes, type Writer } from './bytes.ts';
import type { AttributeTable, Codec, ValueOf } from './codec.ts';

/** struct nlattr: length and type, two bytes each. */
const HEADER = 4;

/** nla_len has 16 bits. */
const MAX_LENGTH = 0xffff;

const TYPE_MASK = ~(nla.NLA_F_NESTED | nla.NLA_F_NET_BYTEORDER);

/** An attribute that our tables do not know, kept as it came. */
export interface UnknownAttribute {
  /** nla_type with its flags. */
  readonly type: number;
  readonly payload: Uint8Array;
}

/** The attributes of one level by name, and those without a name. */
export type Attributes<T extends AttributeTable> = {
  readonly [K in keyof T]?: ValueOf<T[K][1]>;
} & { readonly unknown?: readonly UnknownAttribute[] };

/**
 * Writes one attribute: header, payload, padding.
 *
 * @throws {NetlinkInputError} for a payload over 65531 bytes: the kernel would see only the low 16 bits of its length, and take
 * the rest for attributes of its own.
 */
export function writeAttribute(out: Writer, type: number, payload: (out: Writer) => void): void {
  const at = out.reserve(HEADER);
  payload(out);
  const length = out.length - at;
  if (length > MAX_LENGTH)
    throw new NetlinkInputError(
      '',
      `attribute ${type & TYPE_MASK} has ${length - HEADER} bytes, and ${MAX_LENGTH - HEADER} fit`,
    );
  out.view.setUint16(at, length, true);
  out.view.setUint16(at + 2, type, true);
  out.pad();
}

/** Calls back for each attribute: its type with flags, and where its payload lies. */
export function eachAttribute(
  bytes: Bytes,
  start: number,
  end: number,
  callback: (type: number, at: number, end: number) => void,
): void {
  let at = start;
  while (at < end) {
    bytes.need(at, end, HEADER, 'an attribute header');
    const length = bytes.view.getUint16(at, true);
    if (length < HEADER || at + length > end)
      throw new NetlinkDecodeError(`attribute at offset ${at} says ${length} bytes, and ${end - at} are left`);
    callback(bytes.view.getUint16(at + 2, true), at + HEADER, at + length);
    at += align(length);
  }
}

/** Attributes as a codec: of a message, or nested in another attribute. */
export interface AttributesCodec<T extends AttributeTable> extends Codec<Attributes<T>> {
  readonly table: T;
}

/** Containers carry NLA_F_NESTED, which strict kernels ask for. */
export function isContainer(codec: Codec<unknown>): boolean {
  return codec.shape.kind === 'attributes' || codec.shape.kind === 'list' || codec.shape.kind === 'union';
}

/** A level of attributes by their table. They are written in the order of the value's keys. */
export function attributes<T extends AttributeTable>(table: T): AttributesCodec<T> {
  let byType: Map<number, readonly [name: string, codec: Codec<unknown>]> | undefined;
  const index = (): Map<number, readonly [name: string, codec: Codec<unknown>]> => {
    byType ??= new Map(Object.entries(table).map(([name, [type, codec]]) => [type, [name, codec]]));
    return byType;
  };
  return {
    table,
    shape: { kind: 'attributes', table },
    write(out: Writer, value: Attributes<T>): void {
      for (const name in value) {
        const given: unknown = value[name];
        if (given === undefined) continue;
        if (name === 'unknown') {
          for (const { type, payload } of given as readonly UnknownAttribute[])
            writeAttribute(out, type, (inner) => inner.append(payload));
          continue;
        }
        const entry = table[name];
        if (!entry) throw new NetlinkInputError('', `there is no attribute ${name}`);
        const [type, codec] = entry;
        const flagged = isContainer(codec) ? type | nla.NLA_F_NESTED : type;
        inField(name, () => writeAttribute(out, flagged, (inner) => codec.write(inner, given)));
      }
    },
    read(bytes: Bytes, start: number, end: number): Attributes<T> {
      const known = index();
      const value: Record<string, unknown> = {};
      const unknown: UnknownAttribute[] = [];
      eachAttribute(bytes, start, end, (type, at, stop) => {
        const entry = known.get(type & TYPE_MASK);
        if (entry) value[entry[0]] = entry[1].read(bytes, at, stop);
        else unknown.push({ type, payload: bytes.copy(at, stop) });
      });
      if (unknown.length > 0) value['unknown'] = unknown;
      return value as Attributes<T>;
    },
  };
}

/** A container whose attributes are all of one type: the elements of a list. */
export function list<T>(type: number, element: Codec<T>): Codec<readonly T[]> {
  const flagged = isContainer(element) ? type | nla.NLA_F_NESTED : type;
  return {
    shape: { kind: 'list', element },
    write(out, values) {
      for (const value of values) writeAttribute(out, flagged, (inner) => element.write(inner, value));
    },
    read(bytes, start, end) {
      const values: T[] = [];
      eachAttribute(bytes, start, end, (found, at, stop) => {
        if ((found & TYPE_MASK) === type) values.push(element.read(bytes, at, stop));
      });
      return values;
    },
  };
}

/** The names of the attributes around an offset, outermost first; for the place that the kernel says a fault lies at. */
export function attributePath(table: AttributeTable, bytes: Bytes, start: number, end: number, offset: number): string {
  let path = '';
  eachAttribute(bytes, start, end, (type, at, stop) => {
    if (offset < at - HEADER || offset >= align(stop)) return;
    const found = Object.entries(table).find(([, [number]]) => number === (type & TYPE_MASK));
    if (!found) return;
    path = found[0];
    const { shape } = found[1][1];
    if (shape.kind !== 'attributes' || offset === at - HEADER) return;
    const inner = attributePath(shape.table, bytes, at, stop, offset);
    if (inner) path += `.${inner}`;
  });
  return path;
}

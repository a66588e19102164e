import { NetlinkInputError } from '../errors.ts';
import type { Bytes, Writer } from './bytes.ts';
import { appendFixed, type Codec, type FixedCodec } from './codec.ts';

type Getter<T> = (view: DataView, at: number) => T;
type Setter<T> = (view: DataView, at: number, value: T) => void;

function integer(bits: 8 | 16 | 32, signed: boolean, get: Getter<number>, set: Setter<number>): FixedCodec<number> {
  const size = bits / 8;
  const low = signed ? -(2 ** (bits - 1)) : 0;
  const high = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  return {
    shape: { kind: 'integer', bits, signed },
    size,
    align: size,
    put(view, at, value) {
      if (!Number.isInteger(value) || value < low || value > high)
        throw new NetlinkInputError('', `${value} is not an integer from ${low} to ${high}`);
      set(view, at, value);
    },
    write(out: Writer, value: number): void {
      appendFixed(this, out, value);
    },
    read(bytes: Bytes, at: number, end: number): number {
      bytes.need(at, end, size, `a number of ${bits} bits`);
      return get(bytes.view, at);
    },
  };
}

function big(signed: boolean, get: Getter<bigint>, set: Setter<bigint>): FixedCodec<bigint> {
  return {
    shape: { kind: 'bigint', bits: 64, signed },
    size: 8,
    align: 8,
    put(view, at, value) {
      const fits = signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
      if (fits !== value)
        throw new NetlinkInputError('', `${value} is not ${signed ? 'a signed' : 'an'} integer of 64 bits`);
      set(view, at, value);
    },
    write(out: Writer, value: bigint): void {
      appendFixed(this, out, value);
    },
    read(bytes: Bytes, at: number, end: number): bigint {
      bytes.need(at, end, 8, 'a number of 64 bits');
      return get(bytes.view, at);
    },
  };
}

/** An unsigned byte. */
export const u8 = integer(
  8,
  false,
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, value),
);

/** A signed byte. */
export const s8 = integer(
  8,
  true,
  (view, at) => view.getInt8(at),
  (view, at, value) => view.setInt8(at, value),
);

/** Two bytes in the host's order. */
export const u16 = integer(
  16,
  false,
  (view, at) => view.getUint16(at, true),
  (view, at, value) => view.setUint16(at, value, true),
);

/** Two bytes in the network's order: ports, Ethernet types. */
export const be16 = integer(
  16,
  false,
  (view, at) => view.getUint16(at),
  (view, at, value) => view.setUint16(at, value),
);

/** Four bytes in the host's order. */
export const u32 = integer(
  32,
  false,
  (view, at) => view.getUint32(at, true),
  (view, at, value) => view.setUint32(at, value, true),
);

/** Four bytes in the host's order, signed: interface indexes, error numbers. */
export const s32 = integer(
  32,
  true,
  (view, at) => view.getInt32(at, true),
  (view, at, value) => view.setInt32(at, value, true),
);

/** Four bytes in the network's order. */
export const be32 = integer(
  32,
  false,
  (view, at) => view.getUint32(at),
  (view, at, value) => view.setUint32(at, value),
);

/** Eight bytes in the host's order: counters. */
export const u64 = big(
  false,
  (view, at) => view.getBigUint64(at, true),
  (view, at, value) => view.setBigUint64(at, value, true),
);

/** Eight bytes in the host's order, signed. */
export const s64 = big(
  true,
  (view, at) => view.getBigInt64(at, true),
  (view, at, value) => view.setBigInt64(at, value, true),
);

/** A number that means yes or no. */
export function boolean(base: FixedCodec<number>): FixedCodec<boolean> {
  return {
    shape: { kind: 'boolean' },
    size: base.size,
    align: base.align,
    put: (view, at, value) => base.put(view, at, value ? 1 : 0),
    write: (out, value) => base.write(out, value ? 1 : 0),
    read: (bytes, at, end) => base.read(bytes, at, end) !== 0,
  };
}

/** An attribute that says yes by being there. */
export const flag: Codec<true> = {
  shape: { kind: 'flag' },
  write() {},
  read: () => true,
};

/** The same bytes with another meaning: seconds for clock ticks, a name for two numbers. */
export function mapped<A, B>(base: FixedCodec<A>, to: (value: A) => B, from: (value: B) => A): FixedCodec<B> {
  return {
    shape: { kind: 'scaled', base, to },
    size: base.size,
    align: base.align,
    put: (view, at, value) => base.put(view, at, from(value)),
    write: (out, value) => base.write(out, from(value)),
    read: (bytes, at, end) => to(base.read(bytes, at, end)),
  };
}

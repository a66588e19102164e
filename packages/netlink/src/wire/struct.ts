import { inField } from '../errors.ts';
import type { Bytes, Writer } from './bytes.ts';
import type { FixedCodec, ValueOf } from './codec.ts';

type Fields = Readonly<Record<string, FixedCodec<unknown>>>;

/** The values of a structure. */
export type StructOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** A structure whose missing fields are written as zero bytes. */
export interface StructCodec<T> extends FixedCodec<T> {
  put(view: DataView, at: number, value: Partial<T>): void;
  write(out: Writer, value: Partial<T>): void;
}

function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

/** A C structure: fields in declaration order, each at a multiple of its alignment, as the compiler lays them out. */
export function struct<F extends Fields>(fields: F): StructCodec<StructOf<F>> {
  let offset = 0;
  let widest = 1;
  const placed = Object.entries(fields).map(([name, codec]) => {
    const at = alignUp(offset, codec.align);
    offset = at + codec.size;
    widest = Math.max(widest, codec.align);
    return { name, codec, at };
  });
  const size = alignUp(offset, widest);
  return {
    shape: { kind: 'struct', fields },
    size,
    align: widest,
    put(view: DataView, start: number, value: Partial<StructOf<F>>): void {
      const given = value as Readonly<Record<string, unknown>>;
      for (const { name, codec, at } of placed) {
        const field = given[name];
        if (field !== undefined) inField(name, () => codec.put(view, start + at, field));
      }
    },
    write(out: Writer, value: Partial<StructOf<F>>): void {
      const at = out.reserve(size);
      this.put(out.view, at, value);
    },
    read(bytes: Bytes, start: number, end: number): StructOf<F> {
      bytes.need(start, end, size, 'a structure');
      const value: Record<string, unknown> = {};
      for (const { name, codec, at } of placed) value[name] = codec.read(bytes, start + at, start + at + codec.size);
      return value as StructOf<F>;
    },
  };
}

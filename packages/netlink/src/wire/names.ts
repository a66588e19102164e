import { NetlinkInputError } from '../errors.ts';
import type { FixedCodec } from './codec.ts';

/** A table of names and the numbers that they stand for. */
export type NameTable = Readonly<Record<string, number>>;

/** A name of the table, or the number itself where the table has no name for it. */
export type Named<T extends NameTable> = Extract<keyof T, string> | number;

/** Names of the table; bits without a name as hexadecimal text, so that nothing is lost. */
export type FlagNames<T extends NameTable> = readonly (Extract<keyof T, string> | `0x${string}`)[];

/** The number of a name, or the number given in its place. */
export function numberOf<T extends NameTable>(table: T, value: Named<T>): number {
  if (typeof value === 'number') return value;
  const found = Object.hasOwn(table, value) ? table[value] : undefined;
  if (found === undefined) {
    const known = Object.keys(table).join(', ');
    throw new NetlinkInputError('', `${JSON.stringify(value)} is not one of ${known}`);
  }
  return found;
}

const inverses = new WeakMap<NameTable, ReadonlyMap<number, string>>();

function inverse(table: NameTable): ReadonlyMap<number, string> {
  let found = inverses.get(table);
  if (!found) {
    const entries = Object.entries(table).map(([name, value]) => [value, name] as const);
    // The first of two names for one number is the one to read.
    found = new Map(entries.reverse());
    inverses.set(table, found);
  }
  return found;
}

/** The name of a number, or the number itself. */
export function nameOf<T extends NameTable>(table: T, value: number): Named<T> {
  return (inverse(table).get(value) as Extract<keyof T, string> | undefined) ?? value;
}

/** The bits of flags. */
export function bitsOf<T extends NameTable>(table: T, flags: FlagNames<T>): number {
  let bits = 0;
  for (const name of flags) {
    if (/^0x[0-9a-f]+$/i.test(name)) bits |= Number.parseInt(name, 16);
    else bits |= numberOf(table, name as Extract<keyof T, string>);
  }
  return bits >>> 0;
}

/** The names of bits, in the table's order. */
export function flagsOf<T extends NameTable>(table: T, bits: number): FlagNames<T> {
  const names: string[] = [];
  let rest = bits;
  for (const name in table) {
    const value = table[name]!;
    if ((rest & value) === 0) continue;
    names.push(name);
    rest &= ~value;
  }
  if (rest !== 0) names.push(`0x${(rest >>> 0).toString(16)}`);
  return names as unknown as FlagNames<T>;
}

/** A number that is one of a kind, as its name. */
export function name<T extends NameTable>(base: FixedCodec<number>, table: T): FixedCodec<Named<T>> {
  return {
    shape: { kind: 'name', base: base.shape, table },
    size: base.size,
    align: base.align,
    put: (view, at, value) => base.put(view, at, numberOf(table, value)),
    write: (out, value) => base.write(out, numberOf(table, value)),
    read: (bytes, at, end) => nameOf(table, base.read(bytes, at, end)),
  };
}

/** A number whose bits are flags, as their names. */
export function flags<T extends NameTable>(base: FixedCodec<number>, table: T): FixedCodec<FlagNames<T>> {
  return {
    shape: { kind: 'flags', base: base.shape, table },
    size: base.size,
    align: base.align,
    put: (view, at, value) => base.put(view, at, bitsOf(table, value)),
    write: (out, value) => base.write(out, bitsOf(table, value)),
    read: (bytes, at, end) => flagsOf(table, base.read(bytes, at, end)),
  };
}

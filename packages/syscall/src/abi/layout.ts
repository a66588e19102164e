import type { Arch } from './arch.ts';
import type { ConstantTable, Flags } from './constants.ts';
import { flagsValue, formatFlags } from './flags.ts';
import { type StructInput, type StructName, structs } from './structs.ts';

/** One field of a structure: where it lies and how it reads. */
export interface FieldLayout {
  readonly name: string;
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  readonly type: 'u' | 's' | 'ptr' | 'char';
  /** The table that the field's flags come from. */
  readonly flags?: ConstantTable;
  /** Whether it is printed in octal, as file modes are. */
  readonly octal?: boolean;
}

/** A structure with its size in bytes, padding at its end included. */
export interface StructLayout {
  readonly size: number;
  readonly fields: readonly FieldLayout[];
  readonly byName: ReadonlyMap<string, FieldLayout>;
}

const layouts = new Map<StructName, StructLayout>();

/** The layout of a structure, by natural alignment. */
export function layoutOf(name: StructName): StructLayout {
  let layout = layouts.get(name);
  if (!layout) {
    layout = computeLayout(structs[name]);
    layouts.set(name, layout);
  }
  return layout;
}

/** The size of a structure in bytes. */
export function sizeOf(name: StructName): number {
  return layoutOf(name).size;
}

/** One field's place and type; throws a RangeError for a field that the structure has not. */
export function fieldOf(name: StructName, field: string): FieldLayout {
  const found = layoutOf(name).byName.get(field);
  if (!found) throw new RangeError(`struct ${name} has no field ${field}`);
  return found;
}

function computeLayout(definition: Readonly<Record<string, string>>): StructLayout {
  const fields: FieldLayout[] = [];
  let offset = 0;
  let widest = 1;
  for (const [name, spec] of Object.entries(definition)) {
    const field = parseField(name, spec);
    const align = field.type === 'char' ? 1 : field.size;
    offset = alignUp(offset, align);
    fields.push({ ...field, offset });
    offset += field.size;
    widest = Math.max(widest, align);
  }
  return { size: alignUp(offset, widest), fields, byName: new Map(fields.map((field) => [field.name, field])) };
}

function parseField(name: string, spec: string): Omit<FieldLayout, 'offset'> {
  if (spec === 'ptr') return { name, size: 8, type: 'ptr' };
  const chars = /^char\[(\d+)\]$/.exec(spec);
  if (chars) return { name, size: Number(chars[1]), type: 'char' };
  const scalar = /^([us])(8|16|32|64)(?: flags (\w+)| (octal))?$/.exec(spec);
  if (!scalar) throw new TypeError(`field ${name}: no such type: ${spec}`);
  const base = { name, size: Number(scalar[2]) / 8, type: scalar[1] as 'u' | 's' };
  if (scalar[3]) return { ...base, flags: scalar[3] as ConstantTable };
  return scalar[4] ? { ...base, octal: true } : base;
}

function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

/** Writes an integer of 1, 2, 4 or 8 bytes, little endian. */
export function writeInt(view: DataView, offset: number, size: number, value: number | bigint): void {
  if (typeof value === 'bigint') {
    if (size === 8) view.setBigUint64(offset, BigInt.asUintN(64, value), true);
    else writeInt(view, offset, size, Number(BigInt.asUintN(size * 8, value)));
  } else if (size === 8) {
    view.setUint32(offset, value >>> 0, true);
    view.setInt32(offset + 4, Math.floor(value / 2 ** 32), true);
  } else if (size === 4) view.setUint32(offset, value >>> 0, true);
  else if (size === 2) view.setUint16(offset, value & 0xffff, true);
  else view.setUint8(offset, value & 0xff);
}

/** Reads an integer; eight bytes come as bigint. */
export function readInt(view: DataView, offset: number, size: number, signed: boolean): number | bigint {
  if (size === 8) return signed ? view.getBigInt64(offset, true) : view.getBigUint64(offset, true);
  if (size === 4) return signed ? view.getInt32(offset, true) : view.getUint32(offset, true);
  if (size === 2) return signed ? view.getInt16(offset, true) : view.getUint16(offset, true);
  return signed ? view.getInt8(offset) : view.getUint8(offset);
}

const utf8 = new TextEncoder();

/**
 * Writes a structure at an offset. Pointers are handed to `pointer`, which writes the eight bytes itself (a program
 * notes a relocation, an immediate call writes an address).
 *
 * @throws {RangeError} for a field that does not exist or a text that does not fit its array.
 */
export function encodeStruct<S extends StructName, P>(
  name: S,
  value: StructInput<S, P>,
  view: DataView,
  offset: number,
  arch: Arch,
  pointer: (at: number, target: P) => void,
): void {
  for (const [key, given] of Object.entries(value)) {
    if (given === undefined || given === null) continue;
    const field = fieldOf(name, key);
    const at = offset + field.offset;
    if (field.type === 'ptr') pointer(at, given as P);
    else if (field.type === 'char') {
      const bytes = utf8.encode(given as string);
      if (bytes.length >= field.size)
        throw new RangeError(`${name}.${key}: ${JSON.stringify(given)} is longer than ${field.size - 1} bytes`);
      bytes.forEach((byte, index) => {
        view.setUint8(at + index, byte);
      });
    } else {
      const number = field.flags ? flagsValue(field.flags, given as Flags<ConstantTable>, arch) : (given as number);
      writeInt(view, at, field.size, number);
    }
  }
}

/** Reads the integer fields of a structure; those of eight bytes are bigint, arrays and pointers are left out. */
export function decodeStruct(name: StructName, view: DataView, offset = 0): Readonly<Record<string, number | bigint>> {
  const result: Record<string, number | bigint> = {};
  for (const field of layoutOf(name).fields)
    if (field.type === 'u' || field.type === 's')
      result[field.name] = readInt(view, offset + field.offset, field.size, field.type === 's');
  return result;
}

/** A structure as strace writes it: `{flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_IN_ROOT}`; zero fields are left out. */
export function formatStruct(name: StructName, value: Readonly<Record<string, unknown>>, arch: Arch): string {
  const parts: string[] = [];
  for (const field of layoutOf(name).fields) {
    const given = value[field.name];
    if (given === undefined || given === null || given === 0 || given === 0n) continue;
    if (field.type === 'ptr') parts.push(`${field.name}=${formatMemory(given)}`);
    else if (field.type === 'char') parts.push(`${field.name}=${JSON.stringify(given)}`);
    else if (field.flags)
      parts.push(
        `${field.name}=${formatFlags(field.flags, flagsValue(field.flags, given as Flags<ConstantTable>, arch), arch)}`,
      );
    else parts.push(`${field.name}=${field.octal ? octal(given as number) : (given as number).toString()}`);
  }
  return `{${parts.join(', ')}}`;
}

/** Memory as a printed program shows it: a string as it is, other memory of the program by its name. */
export function formatMemory(memory: unknown): string {
  if (memory instanceof Uint8Array) return `[${memory.length} bytes]`;
  const { text } = memory as { readonly text: string };
  return text.startsWith('"') ? text : `&${text}`;
}

/** A file mode as strace writes it: `0640`, and `000` for none. */
export function octal(mode: number | bigint): string {
  return `0${mode.toString(8).padStart(2, '0')}`;
}

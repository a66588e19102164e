import {
  type EnumTable,
  type Field,
  fieldsOf,
  isScalar,
  type MessageOf,
  type Schema,
  unknownFields,
} from './schema.ts';
import { Reader, Writer, wireTypes } from './wire.ts';

type Value = Readonly<Record<string | symbol, unknown>>;

/** Messages of one schema as bytes: proto2, as far as CRIU uses it. */
export interface Codec<S extends Schema> {
  /**
   * The bytes of a message: fields in the order of their numbers, then the unknown ones.
   *
   * @throws {TypeError} when a required field is missing, or a value is not of its type.
   */
  encode<M extends keyof S['messages'] & string>(message: M, value: MessageOf<S, M>): Uint8Array;
  /**
   * The message of some bytes. Fields and enumeration values that the schema does not know are kept.
   *
   * @throws {RangeError} when the bytes are not such a message.
   */
  decode<M extends keyof S['messages'] & string>(message: M, bytes: Uint8Array): MessageOf<S, M>;
}

/** Reads a schema's tables once. */
export function codecOf<S extends Schema>(schema: S): Codec<S> {
  const codec = new TableCodec(schema);
  return {
    encode: (message, value) => codec.encode(message, value as Value),
    decode: (message, bytes) => codec.decode(message, bytes) as MessageOf<S, typeof message>,
  };
}

class TableCodec {
  readonly #messages: ReadonlyMap<string, readonly Field[]>;
  readonly #enums: Readonly<Record<string, EnumTable>>;

  constructor(schema: Schema) {
    this.#messages = new Map(Object.entries(schema.messages).map(([name, table]) => [name, fieldsOf(table)]));
    this.#enums = schema.enums;
  }

  encode(message: string, value: Value): Uint8Array {
    const writer = new Writer();
    for (const field of this.#messages.get(message)!) {
      const given = value[field.name];
      const where = `${message}.${field.name}`;
      if (field.label === 'repeated') {
        for (const item of (given ?? []) as readonly unknown[]) this.#write(writer, field, item, where);
      } else if (given !== undefined) this.#write(writer, field, given, where);
      else if (field.label === 'required') throw new TypeError(`${where} is missing`);
    }
    writer.raw((value[unknownFields] as Uint8Array | undefined) ?? new Uint8Array());
    return writer.finish();
  }

  #write(writer: Writer, { id, type }: Field, value: unknown, where: string): void {
    if (type === 'string' || this.#messages.has(type)) {
      const bytes = type === 'string' ? Buffer.from(stringOf(value, where)) : this.encode(type, value as Value);
      writer.tag(id, wireTypes.bytes);
      writer.bytes(bytes);
    } else {
      const number = isScalar(type) ? numberOf(type, value, where) : enumNumber(this.#enums[type]!, value, where);
      writer.tag(id, wireTypes.varint);
      writer.varint(number);
    }
  }

  decode(message: string, bytes: Uint8Array): Value {
    const value: Record<string | symbol, unknown> = {};
    const fields = this.#messages.get(message)!;
    const reader = new Reader(bytes);
    const unknown = new Writer();
    while (!reader.done) {
      const start = reader.position;
      const { id, wireType } = reader.tag();
      const field = fields.find((candidate) => candidate.id === id);
      const expected = field && (isText(field.type) || this.#messages.has(field.type)) ? 'bytes' : 'varint';
      if (!field || wireType !== wireTypes[expected]) {
        reader.skip(id, wireType);
        unknown.raw(reader.since(start));
        continue;
      }
      const read = this.#read(reader, field);
      if (field.label === 'repeated') value[field.name] = [...((value[field.name] ?? []) as unknown[]), read];
      else value[field.name] = read;
    }
    const missing = fields.find(({ label, name }) => label === 'required' && value[name] === undefined);
    if (missing) throw new RangeError(`${message}.${missing.name} is missing`);
    const kept = unknown.finish();
    if (kept.length > 0) value[unknownFields] = kept;
    return value;
  }

  #read(reader: Reader, { type }: Field): unknown {
    if (isText(type)) return new TextDecoder().decode(reader.bytes());
    // Of a message that comes twice the last one counts; CRIU writes each field once.
    if (this.#messages.has(type)) return this.decode(type, reader.bytes());
    const number = reader.varint();
    if (type === 'uint64') return number;
    if (type === 'bool') return number !== 0n;
    if (type === 'uint32') return Number(BigInt.asUintN(32, number));
    const signed = Number(BigInt.asIntN(32, number));
    return type === 'int32' ? signed : (enumName(this.#enums[type]!, signed) ?? signed);
  }
}

function isText(type: string): boolean {
  return type === 'string';
}

function stringOf(value: unknown, where: string): string {
  if (typeof value !== 'string') throw new TypeError(`${where} is ${String(value)} and not a string`);
  return value;
}

const ranges = {
  int32: [-0x80000000, 0x7fffffff],
  uint32: [0, 0xffffffff],
} as const;

function numberOf(type: string, value: unknown, where: string): number | bigint {
  if (type === 'bool') {
    if (typeof value !== 'boolean') throw new TypeError(`${where} is ${String(value)} and not a boolean`);
    return value ? 1 : 0;
  }
  if (type === 'uint64') {
    if (typeof value !== 'bigint' || BigInt.asUintN(64, value) !== value)
      throw new TypeError(`${where} is ${String(value)} and not a bigint of 64 bits`);
    return value;
  }
  const [least, most] = ranges[type as keyof typeof ranges];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
    throw new TypeError(`${where} is ${String(value)} and not a number from ${least} to ${most}`);
  return value;
}

function enumNumber(table: EnumTable, value: unknown, where: string): number {
  if (typeof value === 'number') return numberOf('int32', value, where) as number;
  const number = Object.hasOwn(table, String(value)) ? table[String(value)] : undefined;
  if (number === undefined)
    throw new TypeError(`${where} is ${String(value)} and not one of ${Object.keys(table).join(', ')}`);
  return number;
}

function enumName(table: EnumTable, number: number): string | undefined {
  return Object.keys(table).find((name) => table[name] === number);
}

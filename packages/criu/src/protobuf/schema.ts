/** Names and numbers of an enumeration. */
export type EnumTable = Readonly<Record<string, number>>;

/** One row of a message: how often the field is there, its type, its number. */
export type FieldRule = `${'optional' | 'required' | 'repeated'} ${string} ${number}`;

/** The fields of a message by their published names. */
export type MessageTable = Readonly<Record<string, FieldRule>>;

/** Messages and enumerations that refer to each other by name. */
export interface Schema {
  readonly enums: Readonly<Record<string, EnumTable>>;
  readonly messages: Readonly<Record<string, MessageTable>>;
}

/** The key of what a message held beside the fields of its table: kept as it came, and written again. */
export const unknownFields: unique symbol = Symbol('unknown fields');

/** A scalar type's values. 64-bit numbers are bigint, as counters are. */
interface Scalars {
  readonly int32: number;
  readonly uint32: number;
  readonly uint64: bigint;
  readonly bool: boolean;
  readonly string: string;
}

/** A type that needs no table. */
export type ScalarType = keyof Scalars;

type TypeOf<S extends Schema, T extends string> = T extends ScalarType
  ? Scalars[T]
  : T extends keyof S['enums']
    ? // A number is a value that this table does not have.
      (keyof S['enums'][T] & string) | number
    : T extends keyof S['messages']
      ? MessageOf<S, T>
      : never;

/** A message as its table says: TypeScript's view of `required`, `optional` and `repeated`. */
export type MessageOf<S extends Schema, M extends keyof S['messages']> = {
  readonly [F in keyof S['messages'][M] as S['messages'][M][F] extends `required ${string}`
    ? F
    : never]: S['messages'][M][F] extends `required ${infer T} ${number}` ? TypeOf<S, T> : never;
} & {
  readonly [F in keyof S['messages'][M] as S['messages'][M][F] extends `required ${string}`
    ? never
    : F]?: S['messages'][M][F] extends `optional ${infer T} ${number}`
    ? TypeOf<S, T> | undefined
    : S['messages'][M][F] extends `repeated ${infer T} ${number}`
      ? readonly TypeOf<S, T>[] | undefined
      : never;
} & { readonly [unknownFields]?: Uint8Array | undefined };

/** A row, taken apart. */
export interface Field {
  readonly name: string;
  readonly label: 'optional' | 'required' | 'repeated';
  readonly type: string;
  readonly id: number;
}

const scalarTypes: ReadonlySet<string> = new Set<ScalarType>(['int32', 'uint32', 'uint64', 'bool', 'string']);

/** Whether a type needs no table. */
export function isScalar(type: string): type is ScalarType {
  return scalarTypes.has(type);
}

/** The rows of a message in the order of their numbers, which is the order in which fields are written. */
export function fieldsOf(table: MessageTable): readonly Field[] {
  return Object.entries(table)
    .map(([name, rule]) => {
      const [label, type, id] = rule.split(' ') as [Field['label'], string, string];
      return { name, label, type, id: Number(id) };
    })
    .sort((a, b) => a.id - b.id);
}

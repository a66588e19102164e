import type { JsonValue } from '../json/stringify.ts';
import { type Codec, describeNode, type JsonSchema } from './codec.ts';
import { memberPath } from './path.ts';
import { suggest } from './suggest.ts';

interface FieldBase<T> {
  readonly codec: Codec<T>;
  /** One sentence for the JSON Schema. */
  readonly doc: string;
  /** Key in the JSON text; undefined: the property's name in snake_case. */
  readonly key?: string;
}

/** A property that may be undefined; null in the text means undefined. */
export interface OptionalField<T> extends FieldBase<T> {
  readonly presence: 'optional';
}

/** A property that always has a value: the text must have it unless there is a fallback. */
export interface PresentField<T> extends FieldBase<T> {
  readonly presence: 'present';
  readonly fallback?: T;
}

/** The table of an object: one field for every property, so that a property without a field does not compile. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? OptionalField<Exclude<T[K], undefined>>
    : PresentField<T[K]>;
};

/** A field that may be missing. */
export function optional<T>(codec: Codec<T>, doc: string, key?: string): OptionalField<T> {
  return { presence: 'optional', codec, doc, ...(key === undefined ? {} : { key }) };
}

/** A field that the text must have. */
export function required<T>(codec: Codec<T>, doc: string, key?: string): PresentField<T> {
  return { presence: 'present', codec, doc, ...(key === undefined ? {} : { key }) };
}

/** A field that has `fallback` when the text does not have it. */
export function defaulted<T>(codec: Codec<T>, fallback: T, doc: string, key?: string): PresentField<T> {
  return { presence: 'present', codec, fallback, doc, ...(key === undefined ? {} : { key }) };
}

/** `cpuRtPeriod` as `cpu_rt_period`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

interface Entry extends FieldBase<unknown> {
  readonly property: string;
  readonly key: string;
  readonly presence: 'optional' | 'present';
  readonly fallback?: unknown;
}

interface ObjectOptions {
  /** Where keys of other dialects went: the hint for an unknown key that is one of these. */
  readonly moved?: Readonly<Record<string, string>>;
}

/**
 * An object with the keys of a table. Unknown and repeated keys and missing required ones are problems.
 *
 * @param name of the definition in the JSON Schema.
 */
export function object<T extends object>(name: string, fields: Fields<T>, options: ObjectOptions = {}): Codec<T> {
  const entries = Object.entries<FieldBase<unknown>>(fields).map(
    ([property, field]) => ({ ...field, property, key: field.key ?? snakeCase(property) }) as Entry,
  );
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const keys = [...byKey.keys()];
  const moved = new Map(Object.entries(options.moved ?? {}));

  return {
    decode(node, path, report) {
      if (node.kind !== 'object') return report.add(node, path, `expected an object, found ${describeNode(node)}`);
      const result: Record<string, unknown> = {};
      const seen = new Set<string>();
      const failed = new Set<string>();
      for (const { key, offset, value } of node.members) {
        const place = memberPath(path, key);
        const entry = byKey.get(key);
        if (seen.has(key)) report.add({ offset }, place, 'this key occurs twice');
        else if (entry === undefined) {
          report.add({ offset }, place, 'unknown key', moved.get(key) ?? suggest(key, keys));
        } else if (value.kind !== 'null') {
          const before = report.problems.length;
          const decoded = entry.codec.decode(value, place, report);
          if (decoded !== undefined) result[entry.property] = decoded;
          else if (report.problems.length > before) failed.add(entry.property);
        }
        seen.add(key);
      }
      let complete = true;
      for (const { key, property, presence, fallback } of entries) {
        if (presence === 'optional' || result[property] !== undefined) continue;
        if (fallback !== undefined) {
          result[property] = fallback;
          continue;
        }
        complete = false;
        if (!failed.has(property)) report.add(node, memberPath(path, key), 'a value is required');
      }
      return complete ? (result as T) : undefined;
    },

    encode(value) {
      const source = value as Readonly<Record<string, unknown>>;
      const result: Record<string, JsonValue> = {};
      for (const { key, property, codec } of entries) {
        const item = source[property];
        if (item !== undefined) result[key] = codec.encode(item);
      }
      return result;
    },

    schema: (builder) =>
      builder.reference(name, () => ({
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          entries.map(({ key, codec, doc, presence, fallback }): [string, JsonSchema] => [
            key,
            presence === 'present' && fallback === undefined
              ? { description: doc, ...codec.schema(builder) }
              : { description: doc, anyOf: [codec.schema(builder), { type: 'null' }] },
          ]),
        ),
        required: entries
          .filter(({ presence, fallback }) => presence === 'present' && fallback === undefined)
          .map(({ key }) => key),
      })),
  };
}

import { type Codec, describeNode } from './codec.ts';
import { itemPath, memberPath } from './path.ts';

/** A list of which every item is a value of `codec`. null means "not set", an empty list does not. */
export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    decode(node, path, report) {
      if (node.kind !== 'array') return report.add(node, path, `expected a list, found ${describeNode(node)}`);
      const values = node.items.flatMap((item, index) => {
        const value = codec.decode(item, itemPath(path, index), report);
        return value === undefined ? [] : [value];
      });
      // Without its wrong items the list would have other indexes than the text.
      return values.length === node.items.length ? values : undefined;
    },
    encode: (values) => values.map((value) => codec.encode(value)),
    schema: (builder) => ({ type: 'array', items: codec.schema(builder) }),
  };
}

/** An object with free keys of which every value is one of `codec`. */
export function record<T>(codec: Codec<T>): Codec<Readonly<Record<string, T>>> {
  return {
    decode(node, path, report) {
      if (node.kind !== 'object') return report.add(node, path, `expected an object, found ${describeNode(node)}`);
      const seen = new Set<string>();
      const entries = node.members.flatMap((entry): [string, T][] => {
        const place = memberPath(path, entry.key);
        if (seen.has(entry.key)) report.add(entry, place, 'this key occurs twice');
        seen.add(entry.key);
        const value = codec.decode(entry.value, place, report);
        return value === undefined ? [] : [[entry.key, value]];
      });
      // fromEntries defines own properties, so a key such as __proto__ is a key like others.
      return Object.fromEntries(entries);
    },
    encode: (values) => Object.fromEntries(Object.entries(values).map(([key, value]) => [key, codec.encode(value)])),
    schema: (builder) => ({ type: 'object', additionalProperties: codec.schema(builder) }),
  };
}

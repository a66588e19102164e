import { type Codec, describeNode } from '../codec/codec.ts';
import { list } from '../codec/collections.ts';
import { type Fields, object, optional, required } from '../codec/object.ts';
import { boolean, integer, string, text } from '../codec/scalars.ts';
import { member } from '../json/node.ts';

/** A namespace or capability as the files of 2014 name it. */
export interface Switch {
  readonly key: string;
  /** Undefined: the file only lists the name. */
  readonly enabled?: boolean;
  /** Number of the flag or the capability; not needed. */
  readonly value?: number;
  /** Name of the namespace's file in /proc/pid/ns; not needed. */
  readonly file?: string;
  /** Namespace to join. */
  readonly path?: string;
}

const switchFields: Fields<Omit<Switch, 'path'>> = {
  key: required(text, 'Name.'),
  enabled: optional(boolean, 'Whether it is on.'),
  value: optional(integer(), 'Number of the flag or the capability.'),
  file: optional(text, "Name of the namespace's file."),
};

const switchObject = object('Switch', switchFields);

/** `{type, path}` of 2014-07 as a switch. */
const namespaceFields: Fields<Pick<Switch, 'key' | 'path'>> = {
  key: required(text, 'Name.', 'type'),
  path: optional(text, 'Namespace to join.'),
};

const namespaceObject = object('LegacyNamespace', namespaceFields);

/** `{name, path}` of 2014-11 as a switch. */
const namedFields: Fields<Pick<Switch, 'key' | 'path'>> = {
  ...namespaceFields,
  key: required(text, 'Name.', 'name'),
};

const namedObject = object('LegacyNamedNamespace', namedFields);

const item: Codec<Switch> = {
  decode(node, path, report) {
    if (node.kind === 'string') return { key: node.value };
    const form = member(node, 'type') ? namespaceObject : member(node, 'name') ? namedObject : switchObject;
    return form.decode(node, path, report);
  },
  encode: (value) => (value.path === undefined ? switchObject : namespaceObject).encode(value),
  schema: (builder) => ({
    anyOf: [
      string.schema(builder),
      switchObject.schema(builder),
      namespaceObject.schema(builder),
      namedObject.schema(builder),
    ],
  }),
};

const switchList = list(item);

/** `["A"]`, `[{"key": "A", "enabled": true}]`, `[{"type": "A", "path": ""}]`, `[{"name": "A"}]` or `{"A": true}`. */
export const switches: Codec<readonly Switch[]> = {
  decode(node, path, report) {
    if (node.kind === 'array') return switchList.decode(node, path, report);
    if (node.kind !== 'object') {
      return report.add(node, path, `expected a list or an object of booleans, found ${describeNode(node)}`);
    }
    return node.members.flatMap(({ key, value }) => {
      const enabled = boolean.decode(value, `${path}.${key}`, report);
      return enabled === undefined ? [] : [{ key, enabled }];
    });
  },
  encode: (values) => switchList.encode(values),
  schema: (builder) => ({
    anyOf: [switchList.schema(builder), { type: 'object', additionalProperties: { type: 'boolean' } }],
  }),
};

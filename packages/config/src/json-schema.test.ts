import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from './codec/codec.ts';
import { configArbitrary } from './config-arbitrary.test.helper.ts';
import { encodeConfig } from './encode.ts';
import { fixture, SAMPLES } from './fixture.test.helper.ts';
import { type JsonNode, member } from './json/node.ts';
import { parseJson } from './json/parse.ts';
import { containerJsonSchema } from './json-schema.ts';
import { parseConfig } from './parse.ts';

const root = containerJsonSchema();
const KNOWN = new Set(
  '$schema title description $ref $defs type additionalProperties properties required items enum anyOf minimum maximum minLength'.split(
    ' ',
  ),
);

/** Checks a text against the keywords that the schema uses; another keyword is a failure of the test. */
const accepts = (schema: JsonSchema, node: JsonNode): boolean => {
  for (const keyword of Object.keys(schema)) if (!KNOWN.has(keyword)) throw new Error(`keyword ${keyword}`);
  const { $ref, type, enum: values, anyOf, minimum, maximum, minLength, items, required } = schema;
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const additional = schema['additionalProperties'] as JsonSchema | false | undefined;
  if (typeof $ref === 'string') {
    const definitions = root['$defs'] as Readonly<Record<string, JsonSchema>>;
    if (!accepts(definitions[$ref.replace('#/$defs/', '')]!, node)) return false;
  }
  if (Array.isArray(anyOf) && !(anyOf as readonly JsonSchema[]).some((option) => accepts(option, node))) return false;
  const scalar = node.kind === 'number' ? Number(node.text) : node.kind === 'string' ? node.value : undefined;
  if (Array.isArray(values) && !(values as readonly unknown[]).includes(scalar)) return false;
  if (type === 'integer') {
    if (node.kind !== 'number' || !/^-?\d+$/.test(node.text)) return false;
    if (minimum !== undefined && BigInt(node.text) < BigInt(minimum as number)) return false;
    if (maximum !== undefined && BigInt(node.text) > BigInt(maximum as number)) return false;
  } else if (type !== undefined && type !== node.kind) return false;
  if (minLength !== undefined && node.kind === 'string' && node.value.length < (minLength as number)) return false;
  if (items !== undefined && node.kind === 'array') {
    if (!node.items.every((item) => accepts(items as JsonSchema, item))) return false;
  }
  if (node.kind !== 'object') return true;
  if (((required ?? []) as readonly string[]).some((key) => member(node, key) === undefined)) return false;
  return node.members.every(({ key, value }) => {
    const property = Object.hasOwn(properties, key) ? properties[key]! : additional;
    return property === undefined || (property !== false && accepts(property, value));
  });
};

const parses = (text: string): boolean => {
  try {
    parseConfig(text, { rootfs: '/r', dialect: '2015' });
    return true;
  } catch {
    return false;
  }
};

describe('containerJsonSchema', () => {
  it.each(SAMPLES)('accepts the sample %s', (name) => {
    expect(accepts(root, parseJson(fixture(name)))).toBe(true);
  });

  it('accepts every configuration that is written', () => {
    fc.assert(
      fc.property(configArbitrary, (config) => {
        expect(accepts(root, parseJson(encodeConfig(config)))).toBe(true);
      }),
    );
  });

  it.each([
    '{"hostnam":"a"}',
    '{"hostname":1}',
    '{"mounts":[{"destination":"/a"}]}',
    '{"mounts":[{"destination":null,"device":"tmpfs"}]}',
    '{"mounts":[{"destination":"/a","device":"tmpfs","relabel":"y"}]}',
    '{"devices":[{"type":100,"path":"/a"}]}',
    '{"devices":[{"type":"a","path":"/a"}]}',
    '{"rlimits":[{"type":7,"soft":-1,"hard":0}]}',
    '{"rlimits":[{"type":"X","soft":1,"hard":1}]}',
    '{"rlimits":[{"type":7,"soft":18446744073709551616,"hard":0}]}',
    '{"cgroups":{"memory":1.5}}',
    '{"cgroups":{"memory":9223372036854775808}}',
    '{"capabilities":"KILL"}',
    '{"seccomp":{"syscalls":[{"value":"","action":1}]}}',
    '{"system_properties":{"a":1}}',
    '[]',
  ])('refuses %s as the parser does', (text) => {
    expect(parses(text)).toBe(false);
    expect(accepts(root, parseJson(text))).toBe(false);
  });

  it.each([
    '{}',
    '{"hostname":null,"mounts":null,"cgroups":null}',
    '{"rlimits":[{"type":"NOFILE","soft":18446744073709551615,"hard":18446744073709551615}]}',
    '{"capabilities":{"ambient":["KILL"]}}',
    '{"devices":[{"type":"c","path":"/a"}]}',
    '{"cgroups":{"freezer":""}}',
  ])('accepts %s as the parser does', (text) => {
    expect(parses(text)).toBe(true);
    expect(accepts(root, parseJson(text))).toBe(true);
  });

  it('describes every key', () => {
    for (const [name, definition] of Object.entries(root['$defs'] as Readonly<Record<string, JsonSchema>>)) {
      for (const [key, property] of Object.entries(definition['properties'] as Readonly<Record<string, JsonSchema>>)) {
        expect(property['description'], `${name}.${key}`).toMatch(/\w.*\.$/);
      }
    }
  });

  it('has every key that the arbitrary configurations of these tests have, and no other', () => {
    const definitions = root['$defs'] as Readonly<Record<string, JsonSchema>>;
    // Their keys are free.
    const dictionaries = new Set(['system_properties', 'annotations', 'unified']);
    const keys = new Set<string>();
    const collect = (node: JsonNode): void => {
      if (node.kind === 'array') node.items.forEach(collect);
      if (node.kind !== 'object') return;
      for (const { key, value } of node.members) {
        keys.add(key);
        if (!dictionaries.has(key)) collect(value);
      }
    };
    for (const config of fc.sample(configArbitrary, 300)) collect(parseJson(encodeConfig(config)));
    const known = Object.values(definitions).flatMap((definition) => Object.keys(definition['properties'] as object));
    expect([...keys].sort()).toEqual([...new Set(known)].sort());
  });
});

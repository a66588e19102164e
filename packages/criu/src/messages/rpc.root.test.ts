import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { fieldsOf, type MessageTable } from '../protobuf/schema.ts';
import { unpackedCriu } from '../testing/real-criu.ts';
import { rpcSchema } from './rpc.ts';

// The header package has criu's own definition: names and numbers must be the same here. Ours may be newer.
const path = join(dirname(unpackedCriu()), 'root/usr/include/criu/rpc.proto');
const { root } = protobuf.parse(readFileSync(path, 'utf8'), { keepCase: true });
root.resolveAll();
const published = root.nestedArray;

describe('the published rpc.proto', () => {
  it('has messages and enumerations', () => {
    expect(published.filter((item) => item instanceof protobuf.Type).length).toBeGreaterThan(10);
    expect(published.filter((item) => item instanceof protobuf.Enum).length).toBeGreaterThan(2);
  });

  it.each(published.filter((item) => item instanceof protobuf.Type))('message $name', (type) => {
    const tables: Readonly<Record<string, MessageTable>> = rpcSchema.messages;
    const ours = new Map(fieldsOf(tables[type.name] ?? {}).map((field) => [field.name, field]));
    const theirs = type.fieldsArray.map(({ name, id, type: kind, required, repeated }) => {
      return { name, id, type: kind, label: required ? 'required' : repeated ? 'repeated' : 'optional' };
    });
    expect(theirs.map(({ name }) => ours.get(name))).toEqual(theirs);
  });

  it.each(published.filter((item) => item instanceof protobuf.Enum))('enumeration $name', ({ name, values }) => {
    const tables: Readonly<Record<string, Readonly<Record<string, number>>>> = rpcSchema.enums;
    expect(tables[name]).toMatchObject(values);
  });
});

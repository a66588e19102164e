import { createRequire } from 'node:module';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { rpcCodec, rpcSchema } from '../messages/rpc.ts';
import { statsSchema } from '../messages/stats.ts';
import { codecOf } from './codec.ts';
import { fieldsOf, type MessageTable, type Schema, unknownFields } from './schema.ts';

// The test runner prefers ES modules, and what protobufjs requires as its 64-bit numbers is a namespace then.
const fromProtobuf = createRequire(createRequire(import.meta.url).resolve('protobufjs'));
const long = fromProtobuf('long') as { readonly default?: typeof protobuf.util.Long };
protobuf.util.Long = long.default ?? (long as typeof protobuf.util.Long);
protobuf.configure();

/** The same tables for protobufjs, which is the oracle. */
function oracleOf(schema: Schema): protobuf.Root {
  const enums = Object.entries(schema.enums).map(([name, values]) => {
    const rows = Object.entries(values).map(([value, number]) => `${value} = ${number};`);
    return `enum ${name} { ${rows.join(' ')} }`;
  });
  const tables = Object.entries(schema.messages).map(([name, table]) => {
    const rows = fieldsOf(table).map(({ label, type, name: field, id }) => `${label} ${type} ${field} = ${id};`);
    return `message ${name} { ${rows.join(' ')} }`;
  });
  const text = ['syntax = "proto2";', ...enums, ...tables].join('\n');
  return protobuf.parse(text, { keepCase: true }).root;
}

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int32: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  uint32: fc.integer({ min: 0, max: 0xffffffff }),
  uint64: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  bool: fc.boolean(),
  string: fc.string({ unit: 'grapheme', maxLength: 40 }),
};

/** Random messages of a table: every field there or not. */
function messages(schema: Schema, table: MessageTable): fc.Arbitrary<Record<string, unknown>> {
  const required: string[] = [];
  const record: Record<string, fc.Arbitrary<unknown>> = {};
  for (const { name, label, type } of fieldsOf(table)) {
    const inner = schema.messages[type];
    const one =
      scalars[type] ?? (inner ? messages(schema, inner) : fc.constantFrom(...Object.keys(schema.enums[type]!)));
    record[name] = label === 'repeated' ? fc.array(one, { minLength: 1, maxLength: 3 }) : one;
    if (label === 'required') required.push(name);
  }
  return fc.record(record, { requiredKeys: required });
}

/** What the oracle takes: it has no bigint of its own. */
function forOracle(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(forOracle);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, forOracle(inner)]));
}

describe.each([
  ['rpc', rpcSchema],
  ['stats', statsSchema],
] as const)('messages of %s', (_, schema: Schema) => {
  const oracle = oracleOf(schema);
  const codec = codecOf(schema);

  it.each(Object.keys(schema.messages))('%s has the bytes that protobufjs writes, and comes back', (name) => {
    const type = oracle.lookupType(name);
    fc.assert(
      fc.property(messages(schema, schema.messages[name]!), (message) => {
        const bytes = codec.encode(name, message as never);
        const expected = type.encode(type.fromObject(forOracle(message) as object)).finish();
        expect(Buffer.from(bytes).toString('hex')).toBe(Buffer.from(expected).toString('hex'));
        expect(codec.decode(name, bytes)).toEqual(message);
      }),
      { numRuns: 50 },
    );
  });

  it('never fails but with a RangeError on bytes that are no message', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(schema.messages)), fc.uint8Array({ maxLength: 64 }), (name, bytes) => {
        try {
          codec.decode(name, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('codec', () => {
  it('keeps fields that it does not know, and writes them again', () => {
    const newer = codecOf({
      enums: {},
      messages: { m: { a: 'optional int32 1', b: 'optional string 2', c: 'repeated uint64 900' } },
    } as const);
    const older = codecOf({ enums: {}, messages: { m: { a: 'optional int32 1' } } } as const);
    const bytes = newer.encode('m', { a: -1, b: 'héllo', c: [1n, 1n << 63n] });
    const seen = older.decode('m', bytes);
    expect(seen).toMatchObject({ a: -1 });
    expect(seen[unknownFields]).toHaveLength(bytes.length - 11);
    expect(newer.decode('m', older.encode('m', seen))).toEqual({ a: -1, b: 'héllo', c: [1n, 1n << 63n] });
  });

  it('keeps the number of an enumeration value that it does not know', () => {
    const response = rpcCodec.decode('criu_resp', Uint8Array.of(0x08, 99, 0x10, 1));
    expect(response).toEqual({ type: 99, success: true });
    expect(rpcCodec.encode('criu_resp', response)).toEqual(Uint8Array.of(0x08, 99, 0x10, 1));
  });

  it('refuses values that are not of their type, by field', () => {
    const encode = (opts: object) => () =>
      rpcCodec.encode('criu_req', { type: 'DUMP', opts: { images_dir_fd: 3, ...opts } });
    expect(encode({ pid: 1.5 })).toThrow('criu_opts.pid is 1.5 and not a number from -2147483648 to 2147483647');
    expect(encode({ timeout: -1 })).toThrow('criu_opts.timeout is -1');
    expect(encode({ shell_job: 1 })).toThrow('criu_opts.shell_job is 1 and not a boolean');
    expect(encode({ root: 7 })).toThrow('criu_opts.root is 7 and not a string');
    expect(encode({ network_lock: 'toString' })).toThrow(
      'criu_opts.network_lock is toString and not one of IPTABLES, NFTABLES, SKIP',
    );
    expect(() => rpcCodec.encode('criu_restore_resp', {} as never)).toThrow('criu_restore_resp.pid is missing');
  });

  it('says where a message is cut or lacks a field', () => {
    expect(() => rpcCodec.decode('criu_resp', Uint8Array.of(0x08))).toThrow('the message ends inside a number');
    expect(() => rpcCodec.decode('criu_resp', Uint8Array.of(0x4a, 200))).toThrow(RangeError);
    expect(() => rpcCodec.decode('criu_resp', Uint8Array.of(0x08, 1))).toThrow('criu_resp.success is missing');
    expect(() => rpcCodec.decode('criu_resp', Uint8Array.of(0x03))).toThrow('is not a field number');
  });
});

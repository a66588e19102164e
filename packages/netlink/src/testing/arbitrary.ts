import fc from 'fast-check';
import { kindData, linkInfo, slaveData } from '../messages/link.ts';
import { multipath, via } from '../messages/route.ts';
import { formatIp } from '../text/ip.ts';
import { formatLladdr } from '../text/mac.ts';
import { Bytes, Writer } from '../wire/bytes.ts';
import type { Codec, Shape } from '../wire/codec.ts';
import { flagsOf, nameOf } from '../wire/names.ts';

type Any = fc.Arbitrary<unknown>;

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

const unknown = fc.array(
  // A type that no table has, and a payload of our own.
  fc.record({ type: fc.integer({ min: 0x3000, max: 0x3fff }), payload: bytes(0, 9) }),
  { minLength: 1, maxLength: 2 },
);

/** Codecs that are no table: their parts. */
const special = new Map<Codec<unknown>, () => Any>([
  [
    linkInfo as Codec<unknown>,
    () => {
      const entries = Object.entries(kindData) as [string, Codec<unknown>][];
      const slaves = Object.entries(slaveData) as [string, Codec<unknown>][];
      const kinds = entries.map(([kind, codec]) =>
        fc.record({ info_kind: fc.constant(kind), info_data: valuesOf(codec) }),
      );
      const ports = slaves.map(([kind, codec]) =>
        fc.record({ info_slave_kind: fc.constant(kind), info_slave_data: valuesOf(codec) }),
      );
      const other = fc.record({ info_kind: fc.constant('no-table'), info_data: bytes(0, 9) });
      return fc.oneof(...kinds, ...ports, other);
    },
  ],
  [via as Codec<unknown>, () => ipText.map((host) => ({ family: host.includes(':') ? 'inet6' : 'inet', host }))],
  [
    multipath as Codec<unknown>,
    () =>
      fc.array(
        fc.record({
          hops: fc.integer({ min: 0, max: 255 }),
          flags: fc.subarray(['dead', 'onlink', 'linkdown'] as const),
          ifindex: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
          attributes: fc.oneof(fc.constant({}), fc.record({ gateway: ipText }), fc.record({ unknown })),
        }),
        { minLength: 1, maxLength: 3 },
      ),
  ],
]);

const ipText = fc.oneof(bytes(4, 4), bytes(16, 16)).map(formatIp);

function integers(shape: Shape): fc.Arbitrary<number> {
  if (shape.kind !== 'integer') throw new TypeError(`${shape.kind} is no integer`);
  const { bits, signed } = shape;
  return signed
    ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
    : fc.integer({ min: 0, max: 2 ** bits - 1 });
}

/** Any value that a codec can hold. */
export function valuesOf(codec: Codec<unknown>): Any {
  const own = special.get(codec);
  if (own) return own();
  const { shape } = codec;
  switch (shape.kind) {
    case 'integer':
      return integers(shape);
    case 'bigint':
      return shape.signed ? fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) : fc.bigInt(0n, 2n ** 64n - 1n);
    case 'boolean':
      return fc.boolean();
    case 'flag':
      return fc.constant(true);
    case 'text':
      return fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0'));
    case 'bytes':
      return bytes(0, 20);
    case 'lladdr':
      return bytes(0, 20).map(formatLladdr);
    case 'ip':
      return ipText;
    case 'name':
      return integers(shape.base).map((number) => nameOf(shape.table, number));
    case 'flags':
      return integers(shape.base).map((number) => flagsOf(shape.table, number));
    case 'scaled':
      return scaled(codec, shape.base);
    case 'list':
      return fc.array(valuesOf(shape.element), { maxLength: 3 });
    case 'struct':
      return fc.record(mapValues(shape.fields, valuesOf));
    case 'attributes':
      return fc.record({ ...mapValues(shape.table, ([, inner]) => valuesOf(inner)), unknown }, { requiredKeys: [] });
    default:
      throw new TypeError(`no values of a codec of shape ${shape.kind}`);
  }
}

/** What is read from any bytes: numbers beyond 2^53 are no exact number of seconds. */
function scaled(codec: Codec<unknown>, base: Codec<unknown>): Any {
  const raw = base.shape.kind === 'bigint' ? fc.bigInt(0n, 2n ** 40n) : valuesOf(base);
  return raw.map((value) => {
    const out = new Writer();
    base.write(out, value);
    return codec.read(new Bytes(out.bytes()), 0, out.length);
  });
}

function mapValues<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

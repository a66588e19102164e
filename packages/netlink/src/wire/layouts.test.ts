import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NetlinkDecodeError } from '../errors.ts';
import { kindData, linkInfo, slaveData } from '../messages/link.ts';
import { qdiscOptions } from '../messages/qdisc.ts';
import { toEvent } from '../monitor/event.ts';
import { valuesOf } from '../testing/arbitrary.ts';
import { recorded } from '../testing/fixtures.ts';
import { layoutOf, layouts } from '../testing/layouts.ts';
import { attributes } from './attributes.ts';
import { Bytes, Writer } from './bytes.ts';
import type { Codec } from './codec.ts';
import { splitMessages } from './message.ts';

const codecs: Readonly<Record<string, Codec<unknown>>> = {
  ...Object.fromEntries(Object.entries(layouts).map(([name, { header }]) => [`${name} header`, header])),
  ...Object.fromEntries(Object.entries(layouts).map(([name, { table }]) => [`${name} attributes`, attributes(table)])),
  ...kindData,
  ...Object.fromEntries(Object.entries(slaveData).map(([name, codec]) => [`${name} port`, codec])),
  ...qdiscOptions,
  'link info': linkInfo as Codec<unknown>,
};

describe.each(Object.entries(codecs))('%s', (_, codec) => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(valuesOf(codec), (value) => {
        const out = new Writer();
        codec.write(out, value);
        expect(codec.read(new Bytes(out.bytes()), 0, out.length)).toEqual(value);
      }),
    );
  });

  it('writes what it read', () => {
    fc.assert(
      fc.property(valuesOf(codec), (value) => {
        const first = new Writer();
        codec.write(first, value);
        const second = new Writer();
        codec.write(second, codec.read(new Bytes(first.bytes()), 0, first.length));
        expect(second.bytes()).toEqual(first.bytes());
      }),
      { numRuns: 20 },
    );
  });
});

describe.each(Object.keys(layouts))('recorded messages: %s', (name) => {
  const { messages } = recorded(name);

  it('are written again as they were', () => {
    for (const datagram of messages) {
      const [message] = splitMessages(datagram);
      const layout = layoutOf(message!.type);
      const { header, attributes: values } = layout.decode(message!.bytes, message!.at, message!.end);
      const again = layout.encode(header as object, values);
      const decoded = layout.decode(new Bytes(again), 0, again.length);
      expect(decoded).toEqual({ header, attributes: values });
    }
  });
});

/** A generator of the same numbers every time (xorshift32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

it('survives 100,000 damaged messages', { timeout: 120_000 }, () => {
  const random = numbers(0x5eed);
  const all = Object.keys(layouts).flatMap((name) => [...recorded(name).messages]);
  const names = { nameOf: (index: number): string => `if${index}` };
  let refused = 0;
  for (let run = 0; run < 100_000; run++) {
    const original = all[run % all.length]!;
    const damaged = original.slice(0, random(8) === 0 ? random(original.length + 1) : original.length);
    for (let change = 1 + random(4); change > 0 && damaged.length > 0; change--) {
      // Lengths and types stand at multiples of four: those are hit more often than chance would.
      const at = random(2) === 0 ? random(damaged.length) : random(damaged.length) & ~3;
      damaged[at] = random(3) === 0 ? random(5) : random(256);
    }
    try {
      for (const message of splitMessages(damaged)) {
        toEvent(message, names);
        const layout = layoutOf(splitMessages(original)[0]!.type);
        layout.decode(message.bytes, message.at, message.end);
      }
    } catch (error) {
      if (!(error instanceof NetlinkDecodeError)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});

it('survives any bytes at all', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...Object.values(layouts)), (noise, layout) => {
      try {
        layout.decode(new Bytes(noise), 0, noise.length);
        splitMessages(noise);
      } catch (error) {
        expect(error).toBeInstanceOf(NetlinkDecodeError);
      }
    }),
    { numRuns: 2000 },
  );
});

import { describe, expect, it } from 'vitest';
import { NetlinkDecodeError, NetlinkInputError } from '../errors.ts';
import { lladdr } from './address.ts';
import { attributePath, attributes, list, writeAttribute } from './attributes.ts';
import { Bytes, Writer } from './bytes.ts';
import { u8, u16, u32 } from './numbers.ts';
import { struct } from './struct.ts';
import { raw, text } from './text.ts';

const inner = attributes({ deep: [7, u32] } as const);
const sample = attributes({
  name: [3, text],
  mtu: [4, u32],
  nested: [18, inner],
  names: [52, list(53, text)],
  bytes: [9, raw],
} as const);

function bytesOf(value: Parameters<typeof sample.write>[1]): string {
  const out = new Writer();
  sample.write(out, value);
  return Buffer.from(out.bytes()).toString('hex');
}

describe('attributes', () => {
  it('are padded to four bytes, and containers are marked', () => {
    expect(bytesOf({ name: 'lo', mtu: 1400 })).toBe('070003006c6f0000' + '0800040078050000');
    expect(bytesOf({ nested: { deep: 1 } })).toBe('0c001280' + '0800070001000000');
    expect(bytesOf({ names: ['a', 'b'] })).toBe('14003480' + '0600350061000000' + '0600350062000000');
  });

  it('may have 65531 bytes and no more', () => {
    expect(bytesOf({ bytes: new Uint8Array(65_531) })).toHaveLength(2 * 65_536);
    for (const length of [65_532, 70_000, 131_072]) {
      const write = (): string => bytesOf({ bytes: new Uint8Array(length) });
      expect(write).toThrow(NetlinkInputError);
      expect(write).toThrow(`bytes: attribute 9 has ${length} bytes, and 65531 fit`);
    }
    const container = Array.from({ length: 8000 }, () => 'abcd');
    expect(() => bytesOf({ names: container })).toThrow(/^names: attribute 52 has 96000 bytes/);
  });

  it('that no table has are kept with their flags', () => {
    const out = new Writer();
    writeAttribute(out, 0x8000 | 200, (payload) => payload.append(Uint8Array.of(1, 2, 3)));
    const value = sample.read(new Bytes(out.bytes()), 0, out.length);
    expect(value).toEqual({ unknown: [{ type: 0x8000 | 200, payload: Uint8Array.of(1, 2, 3) }] });
    expect(bytesOf(value)).toBe(Buffer.from(out.bytes()).toString('hex'));
  });

  it('that come twice: the last one counts', () => {
    const hex = '0800040001000000' + '0800040002000000';
    expect(sample.read(new Bytes(Buffer.from(hex, 'hex')), 0, 16)).toEqual({ mtu: 2 });
  });

  it.each([
    ['a length below the header', '03000400'],
    ['a length beyond the end', '0c00040001000000'],
    ['half a header', '0800'],
    ['a number that is too short', '0600040001000000'],
  ])('are refused with %s', (_, hex) => {
    const buffer = Buffer.from(hex, 'hex');
    expect(() => sample.read(new Bytes(buffer), 0, buffer.length)).toThrow(NetlinkDecodeError);
  });

  it('say which field was wrong', () => {
    expect(() => bytesOf({ nested: { deep: -1 } })).toThrow('nested.deep: -1 is not an integer from 0 to 4294967295');
    expect(() => bytesOf({ name: 'a\0b' })).toThrow('name: "a\\u0000b" holds a NUL byte');
    expect(() => bytesOf({ other: 1 } as never)).toThrow('there is no attribute other');
  });

  it('are found by an offset', () => {
    const buffer = Buffer.from(bytesOf({ name: 'lo', nested: { deep: 1 } }), 'hex');
    const at = (offset: number): string => attributePath(sample.table, new Bytes(buffer), 0, buffer.length, offset);
    expect([0, 8, 12].map(at)).toEqual(['name', 'nested', 'nested.deep']);
  });
});

it('structures lie as the compiler lays them', () => {
  const codec = struct({ a: u8, b: u16, c: u32, d: u8 });
  expect(codec.size).toBe(12);
  const out = new Writer();
  codec.write(out, { a: 1, b: 2, c: 3, d: 4 });
  expect(Buffer.from(out.bytes()).toString('hex')).toBe('010002000300000004000000');
  expect(() => codec.write(out, { b: 70_000 })).toThrow('b: 70000 is not an integer from 0 to 65535');
});

it('link-layer addresses have any length', () => {
  for (const value of ['', '02', '02:42:ac:11:00:02', `${'00:'.repeat(19)}01`]) {
    const out = new Writer();
    lladdr.write(out, value);
    expect(lladdr.read(new Bytes(out.bytes()), 0, out.length)).toBe(value);
  }
});

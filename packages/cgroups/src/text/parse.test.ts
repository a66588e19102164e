import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFlatKeyed, parseMax, parseNestedKeyed, parsePids, parseUint } from './parse.ts';

describe('parseUint', () => {
  it.each([
    ['2048', 2048n],
    ['2048\n', 2048n],
    ['-12345', 0n],
    ['-9223372036854775808', 0n],
    ['-9223372036854775810', 0n],
    ['18446744073709551615', 18446744073709551615n],
  ])('reads %j', (text, value) => {
    expect(parseUint(text)).toBe(value);
  });

  it.each(['not-a-float', '', '1.5', '0x10', '1 2'])('refuses %j', (text) => {
    expect(() => parseUint(text)).toThrow('is not an integer');
  });

  it('reads every counter exactly', () => {
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => parseUint(`${value}\n`) === value));
  });
});

it('reads max as no limit', () => {
  expect(parseMax('max\n')).toBeUndefined();
  expect(parseMax('5\n')).toBe(5n);
});

it('reads keyed files of any keys', () => {
  const key = fc.stringMatching(/^[a-z_.]{1,12}$/).filter((name) => name !== '__proto__');
  fc.assert(
    fc.property(fc.dictionary(key, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), (record) => {
      const text = Object.entries(record).map(([name, value]) => `${name} ${value}\n`);
      expect({ ...parseFlatKeyed(text.join('')) }).toEqual({ ...record });
    }),
  );
});

it('refuses keyed lines of one or three fields', () => {
  expect(() => parseFlatKeyed('cache')).toThrow('"cache" is not a valid key value format');
  expect(() => parseFlatKeyed('cache 1 2')).toThrow('is not a valid key value format');
});

it('reads nested keyed files', () => {
  expect([...parseNestedKeyed('8:0 rbps=max wbps=1\n8:16 riops=2')]).toEqual([
    ['8:0', { rbps: undefined, wbps: 1n }],
    ['8:16', { riops: 2n }],
  ]);
  expect(() => parseNestedKeyed('8:0 rbps')).toThrow('"rbps" in "8:0 rbps" is not key=value');
});

it('reads process ids', () => {
  expect(parsePids('1\n22\n')).toEqual([1, 22]);
  expect(() => parsePids('1\nx\n')).toThrow('"x" is not a process id');
});

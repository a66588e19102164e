import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../error.ts';
import type { JsonNode } from './node.ts';
import { parseJson } from './parse.ts';
import { type JsonValue, stringifyJson } from './stringify.ts';

const plain = (node: JsonNode): unknown => {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plain(value)]));
    case 'array':
      return node.items.map(plain);
    case 'number':
      return Number(node.text);
    case 'null':
      return null;
    default:
      return node.value;
  }
};

const failure = (text: string): string => {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error(`accepted ${text}`);
};

describe('parseJson', () => {
  it('reads what JSON.stringify writes as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, ' ', '\t'), (text, indent) => {
        const formatted = JSON.stringify(JSON.parse(text), null, indent);
        expect(plain(parseJson(formatted))).toEqual(JSON.parse(formatted));
      }),
    );
  });

  it('accepts exactly the texts that JSON.parse accepts', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ \n0123456789-+.eEtruefalsn/u\u0000'.split('')) });
    fc.assert(
      fc.property(soup, (text) => {
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          expect(failure(text)).toMatch(/^line \d+, column \d+: /);
          return;
        }
        expect(plain(parseJson(text))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps the digits of integers', () => {
    expect(parseJson('18446744073709551615')).toEqual({ kind: 'number', offset: 0, text: '18446744073709551615' });
  });

  it.each([
    ['', 'line 1, column 1: expected a value, found the end of the text'],
    ['{"a": 1,\n  "b": }', 'line 2, column 8: expected a value, found "}"'],
    ['{"a": 1\r\n"b": 2}', 'line 2, column 1: expected "," or "}", found "\\""'],
    ['{"a": 1,}', 'line 1, column 8: a comma after the last member'],
    ['[1, 2,\n]', 'line 1, column 6: a comma after the last item'],
    ['{a: 1}', 'line 1, column 2: expected a key in double quotes, found "a"'],
    ['{"a" 1}', 'line 1, column 6: expected ":" after the key "a", found "1"'],
    ['[\n// no\n]', 'line 2, column 1: expected a value, found a comment, which JSON does not have'],
    ['["\\x"]', 'line 1, column 3: "\\x" is not an escape of JSON'],
    ['["a\nb"]', 'line 1, column 4: a control character in a string must be written as an escape like \\n'],
    ['["abc', 'line 1, column 2: the string that begins here has no end'],
    ['[01]', 'line 1, column 2: not a number of JSON'],
    ['[True]', 'line 1, column 2: expected a value, found "True"'],
    ['{} x', 'line 1, column 4: expected the end of the text, found "x"'],
    ['['.repeat(300), 'line 1, column 258: nested deeper than 256 levels'],
  ])('says where and why %j is wrong', (text, message) => {
    expect(failure(text)).toBe(message);
  });

  it('skips a byte order mark', () => {
    expect(plain(parseJson('\uFEFF{"a":[]}'))).toEqual({ a: [] });
  });
});

describe('stringifyJson', () => {
  it('writes what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(undefined, '  ', '\t'), (value, indent) => {
        // -0 and doubles beyond 2^53 are not configuration values.
        const integers = JSON.parse(JSON.stringify(value), (_, item: unknown) =>
          typeof item === 'number' ? Math.trunc(item % 1e15) + 0 : item,
        ) as JsonValue;
        expect(stringifyJson(integers, indent)).toBe(JSON.stringify(integers, null, indent));
      }),
    );
  });

  it('writes 64-bit integers exactly and leaves out undefined members', () => {
    expect(stringifyJson({ a: 18446744073709551615n, b: undefined, c: [-9223372036854775808n] })).toBe(
      '{"a":18446744073709551615,"c":[-9223372036854775808]}',
    );
  });

  it.each([2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s, which is not exact', (value) => {
    expect(() => stringifyJson([value])).toThrow(RangeError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, suggest } from './suggest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['kitten', 'sitting', 3],
    ['flaw', 'lawn', 2],
  ])('%s to %s is %d', (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
  });

  it('is a metric', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

describe('suggest', () => {
  const keys = ['rootfs', 'readonlyfs', 'hostname', 'readonly_paths'];

  it.each([
    ['root_fs', 'rootfs'],
    ['readonlyFs', 'readonlyfs'],
    ['hostnmae', 'hostname'],
    ['readonlyPath', 'readonly_paths'],
    ['memory', undefined],
    ['x'.repeat(1000), undefined],
  ])('%s gives %s', (text, expected) => {
    expect(suggest(text, keys)).toBe(expected);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lastCapability, parseLastCapability } from './last.ts';

describe('lastCapability', () => {
  it('is what the kernel says', () => {
    expect(String(lastCapability())).toBe(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8').trim());
  });
});

describe('parseLastCapability', () => {
  it('takes a number that fits 64 bits and nothing else', () => {
    expect(parseLastCapability('40\n')).toBe(40);
    expect(parseLastCapability('63')).toBe(63);
    for (const text of ['', '\n', '64', '-1', '0x28', '40 41', '100'])
      expect(() => parseLastCapability(text)).toThrow(RangeError);
  });
});

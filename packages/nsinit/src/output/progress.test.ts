import { expect, it } from 'vitest';
import { milliseconds, size } from './progress.ts';

it.each([
  [0n, '0 bytes'],
  [1023n, '1023 bytes'],
  [4096n, '4.0 KiB'],
  [70_254_592n, '67.0 MiB'],
  [1n << 40n, '1.0 TiB'],
  [1n << 60n, '1048576.0 TiB'],
])('tells %d as %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

it('tells microseconds as milliseconds', () => {
  expect(milliseconds(23_456)).toBe('23.5 ms');
});

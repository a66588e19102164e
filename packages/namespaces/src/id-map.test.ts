import { expect, it } from 'vitest';
import { formatIdMap, mapRange } from './id-map.ts';

it('writes a line for each range, as the kernel takes them', () => {
  expect(formatIdMap([mapRange(0, 100_000, 65_536), mapRange(65_536, 1000, 1)])).toBe('0 100000 65536\n65536 1000 1\n');
  expect(formatIdMap([])).toBe('');
});

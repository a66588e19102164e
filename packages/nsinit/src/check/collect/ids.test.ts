import { expect, it } from 'vitest';
import { idRanges } from './ids.ts';

const text = 'root:100000:65536\nme:165536:65536\n1000:300000:10\nbroken\nme:x:1\n';

it.each([
  [0, 'root', [{ first: 100000, count: 65536 }]],
  [
    1000,
    'me',
    [
      { first: 165536, count: 65536 },
      { first: 300000, count: 10 },
    ],
  ],
  [1000, undefined, [{ first: 300000, count: 10 }]],
  [5, 'nobody', []],
])('finds the ranges of %d, %s', (uid, name, ranges) => {
  expect(idRanges(text, uid, name)).toEqual(ranges);
});

it('has none without a file', () => {
  expect(idRanges(undefined, 0, 'root')).toEqual([]);
});

import { userInfo } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idInside, idOutside, mapRange } from '../id-map.ts';
import { stack } from './auto-map.ts';
import { badMap, notOurs, outOfRange } from './diagnose.ts';
import { findHostUser, parseSubordinateRanges } from './subordinate-ids.ts';
import { mapsOwnIdAlone } from './write-maps.ts';

const ranges = fc.array(
  fc.record({ first: fc.integer({ min: 0, max: 5000 }), count: fc.integer({ min: 1, max: 500 }) }),
  { maxLength: 12 },
);

describe('automatic maps', () => {
  it('are what the kernel takes, from 0 on without a gap, and hold every id of the ranges once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), ranges, (own, given) => {
        const maps = stack([{ first: own, count: 1 }], given);
        expect(badMap(maps)).toBeUndefined();
        expect(idOutside(maps, 0)).toBe(own);
        const ids = new Set([own, ...given.flatMap(({ first, count }) => [first, first + count - 1])]);
        for (const id of ids) expect(idOutside(maps, idInside(maps, id)!)).toBe(id);
        let next = 0;
        for (const { containerId, size } of maps) {
          expect(containerId).toBe(next);
          next += size;
        }
      }),
    );
  });

  it('translate both ways, or not at all', () => {
    const maps = [mapRange(0, 1000, 1), mapRange(1, 100_000, 10)];
    expect([0, 1, 10, 11].map((id) => idOutside(maps, id))).toEqual([1000, 100_000, 100_009, undefined]);
    expect([1000, 999, 100_009, 100_010].map((id) => idInside(maps, id))).toEqual([0, undefined, 10, undefined]);
  });
});

describe('subordinate ids', () => {
  it('are those of the name and of the number', () => {
    const text = 'ann:100000:65536\n7:300:10\nbob:1:2\n\nann:x:1\n# ann:1:1\nann:5:0\n ann:200000:5 \n';
    expect(parseSubordinateRanges(text, { uid: 7, name: 'ann' })).toEqual([
      { first: 100_000, count: 65_536 },
      { first: 300, count: 10 },
      { first: 200_000, count: 5 },
    ]);
    expect(parseSubordinateRanges(text, { uid: 8, name: undefined })).toEqual([]);
    expect(parseSubordinateRanges('', { uid: 7, name: 'ann' })).toEqual([]);
  });

  it('belong to this user unless another is named', () => {
    const { uid, gid, username } = userInfo();
    expect(findHostUser()).toEqual({ uid, gid, name: username });
    expect(findHostUser('root')).toEqual({ uid: 0, gid: 0, name: 'root' });
    expect(findHostUser('no such user')).toBeUndefined();
    expect(findHostUser(4_000_000_000)).toEqual({ uid: 4_000_000_000, gid: 4_000_000_000, name: undefined });
  });
});

describe('what is wrong with a map', () => {
  it.each([
    [[], /empty/],
    [Array.from({ length: 341 }, (_, index) => mapRange(index, index, 1)), /341 ranges, and 340/],
    [[mapRange(0, 4_294_967_000, 1000)], /0:4294967000:1000 is too large/],
    [[mapRange(0, 1000, 10), mapRange(9, 5000, 1)], /0:1000:10 and 9:5000:1 overlap inside/],
    [[mapRange(0, 1000, 10), mapRange(10, 1009, 1)], /overlap outside/],
  ])('%#: is told', (maps, message) => {
    expect(badMap(maps)).toMatch(message);
  });

  it('is nothing in a good one', () => {
    expect(badMap([mapRange(0, 1000, 10), mapRange(10, 1010, 1)])).toBeUndefined();
  });

  it('is an id that the ranges do not hold', () => {
    const user = { uid: 7, name: 'ann' };
    const held = [{ first: 100, count: 50 }];
    expect(outOfRange('uid', [mapRange(0, 7, 1), mapRange(1, 100, 50)], 7, user, held)).toBeUndefined();
    expect(outOfRange('uid', [mapRange(0, 7, 2)], 7, user, held)).toMatchObject({
      message: 'user ann has 100 to 149 in /etc/subuid, and 7 to 8 is wanted',
      path: '/etc/subuid',
      hint: expect.stringContaining('usermod --add-subuids 7-8 ann'),
    });
    expect(outOfRange('gid', [mapRange(1, 140, 11)], 7, user, [])).toMatchObject({
      message: 'user ann has no range in /etc/subgid, and 140 to 150 is wanted',
    });
  });

  it('is an id that the namespace around it has not', () => {
    const text = '         0       1000          1\n         1     100000         10\n';
    expect(notOurs([mapRange(0, 0, 11)], text)).toBeUndefined();
    expect(notOurs([mapRange(0, 5, 7)], text)).toBe(11);
    expect(notOurs([mapRange(0, 50, 7)], text)).toBe(50);
  });
});

it('knows the map that everybody may write', () => {
  const own = process.geteuid!();
  expect(mapsOwnIdAlone('uid', [mapRange(0, own, 1)])).toBe(true);
  expect(mapsOwnIdAlone('uid', [mapRange(5, own, 1)])).toBe(true);
  expect(mapsOwnIdAlone('uid', [mapRange(0, own, 2)])).toBe(false);
  expect(mapsOwnIdAlone('uid', [mapRange(0, own + 1, 1)])).toBe(false);
  expect(mapsOwnIdAlone('uid', [mapRange(0, own, 1), mapRange(1, 5, 1)])).toBe(false);
});

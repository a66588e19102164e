import type { IdMap } from '../id-map.ts';
import type { Checker } from './checker.ts';

/** Ids end here: the last value of 32 bits means "no id". */
const ID_LIMIT = 0xffff_ffff;

/** Lines that the kernel takes in a map since 4.15. */
const MAX_LINES = 340;

/** How many ids there are from one on, in words. */
const left = (first: number): string =>
  first === ID_LIMIT - 1 ? '1 id is left' : `${Math.max(ID_LIMIT - first, 0)} ids are left`;

/** Every map is within the ids, has a size, and overlaps no other one on either side. */
export function checkIdMaps(maps: readonly IdMap[], path: string, checker: Checker): void {
  if (maps.length > MAX_LINES)
    checker.add(
      path,
      `more than ${MAX_LINES} mappings, which is the limit of the kernel (join those that follow one another)`,
    );
  maps.forEach(({ containerId, hostId, size }, index) => {
    const place = `${path}[${index}]`;
    if (size < 1) checker.add(`${place}.size`, `size ${size} is less than 1`);
    for (const [key, first] of [
      ['container_id', containerId],
      ['host_id', hostId],
    ] as const) {
      if (first < 0) checker.add(`${place}.${key}`, `${first} is less than 0`);
      if (first + size > ID_LIMIT)
        checker.add(place, `${key} ${first} and size ${size} go beyond ${ID_LIMIT - 1} (${left(first)} from there)`);
    }
  });
  checkOverlap(maps, 'containerId', 'container_id', path, checker);
  checkOverlap(maps, 'hostId', 'host_id', path, checker);
}

function checkOverlap(
  maps: readonly IdMap[],
  side: 'containerId' | 'hostId',
  key: string,
  path: string,
  checker: Checker,
): void {
  const sorted = maps.map((map, index) => ({ first: map[side], size: map.size, index }));
  sorted.sort((left, right) => left.first - right.first);
  let previous = sorted[0];
  for (const map of sorted.slice(1)) {
    if (previous !== undefined && map.first < previous.first + previous.size) {
      checker.add(
        `${path}[${map.index}].${key}`,
        `overlaps ${path}[${previous.index}] (begin at ${previous.first + previous.size}, or shorten that one)`,
      );
    }
    if (previous === undefined || map.first + map.size > previous.first + previous.size) previous = map;
  }
}

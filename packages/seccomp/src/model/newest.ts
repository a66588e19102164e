import { type Architecture, X32_BIT } from '../architecture.ts';
import { syscallNumber, syscallsOf } from '../syscalls/lookup.ts';
import type { ActionKind } from './action.ts';
import type { Filter } from './filter.ts';

const denying: readonly ActionKind[] = ['KILL_PROCESS', 'KILL_THREAD', 'TRAP', 'ERRNO'];

/**
 * Numbers from here on are not given to new calls one after the other: x32 has calls of its own from 512 on, arm from
 * 0xf0001 on. A number of the tables there is known, however new the others are.
 */
const ownNumbers = 512;

/** Common to all architectures since Linux 5.1: from here on a call has the same number everywhere. */
const commonNumbers = 424;

/** The numbers of an architecture that are above those which the author of the rules knew. */
export function unknownRanges(
  architecture: Architecture,
  filter: Filter,
  calls: ReadonlyMap<number, unknown>,
): readonly (readonly [number, number])[] {
  if (filter.newest === undefined || !denying.includes(filter.defaultAction.kind)) return [];
  const bit = architecture === 'x32' ? X32_BIT : 0;
  const last = architecture === 'x86_64' ? X32_BIT - 1 : 0xffffffff;
  const newest = newestNumber(architecture, filter.newest, calls, bit);
  if (newest === undefined) return [];
  const ranges: (readonly [number, number])[] = [];
  let first = newest + 1;
  for (const number of syscallsOf(architecture).values()) {
    if (number < ownNumbers || number < first) continue;
    if (number > first) ranges.push([first + bit, number - 1 + bit]);
    first = number + 1;
  }
  ranges.push([first + bit, last]);
  // -1 has the bit of x32, and belongs to a tracer that wants a call skipped.
  if (architecture === 'x86_64') ranges.push([0xffffffff, 0xffffffff]);
  return ranges;
}

function newestNumber(
  architecture: Architecture,
  newest: string,
  calls: ReadonlyMap<number, unknown>,
  bit: number,
): number | undefined {
  if (newest === 'named') {
    const numbers = [...calls.keys()].map((number) => number - bit).filter((number) => number < ownNumbers);
    return numbers.length === 0 ? undefined : Math.max(...numbers);
  }
  const own = syscallNumber(architecture, newest);
  if (own !== undefined) return own;
  const elsewhere = (['x86_64', 'arm64', 'x86', 'arm'] as const)
    .map((other) => syscallNumber(other, newest))
    .find((number) => number !== undefined && number >= commonNumbers);
  return elsewhere;
}

import { dataOffset } from '../bpf/instruction.ts';
import { ALL, type Decision, type Decisions } from './decision.ts';

/** Numbers of calls from `first` on up to the next range's, all with one decision. */
export interface Range {
  readonly first: number;
  readonly decision: Decision;
  /** How often one of them is expected, relative to others. */
  readonly weight: number;
}

/** Joins neighbours that have the same decision. */
export function joinRanges(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last?.decision === range.decision) joined[joined.length - 1] = { ...last, weight: last.weight + range.weight };
    else joined.push(range);
  }
  return joined;
}

/**
 * A search tree over the number of a call in which the expected number of comparisons is least: what is called often lies
 * near its root. Knuth, The Art of Computer Programming 6.2.2, for weights of gaps only.
 */
export function searchTree(make: Decisions, ranges: readonly Range[]): Decision {
  const { length } = ranges;
  const sums = [0];
  for (const { weight } of ranges) sums.push(sums.at(-1)! + weight);
  const cost = Array.from({ length }, () => new Float64Array(length));
  const root = Array.from({ length }, (_, index) => new Int32Array(length).fill(index));
  for (let size = 2; size <= length; size++)
    for (let from = 0; from + size <= length; from++) {
      const to = from + size - 1;
      const total = sums[to + 1]! - sums[from]!;
      if (isException(ranges, from, to)) {
        cost[from]![to] = total;
        root[from]![to] = from + 1;
        continue;
      }
      let best = Number.POSITIVE_INFINITY;
      const lowest = Math.max(from + 1, root[from]![to - 1]!);
      const highest = Math.max(lowest, root[from + 1]![to]!);
      for (let split = lowest; split <= highest; split++) {
        const sum = cost[from]![split - 1]! + cost[split]![to]!;
        if (sum >= best) continue;
        best = sum;
        root[from]![to] = split;
      }
      cost[from]![to] = best + total;
    }
  const build = (from: number, to: number): Decision => {
    if (from === to) return ranges[from]!.decision;
    if (isException(ranges, from, to)) {
      const { first, decision } = ranges[from + 1]!;
      return make.test(dataOffset.nr, ALL, 'eq', first, decision, ranges[from]!.decision);
    }
    const split = root[from]![to]!;
    return make.test(dataOffset.nr, ALL, 'ge', ranges[split]!.first, build(split, to), build(from, split - 1));
  };
  return build(0, length - 1);
}

/** Three ranges of which the middle one is a single number among others that are alike: one comparison tells it apart. */
function isException(ranges: readonly Range[], from: number, to: number): boolean {
  if (to !== from + 2) return false;
  const [before, single, after] = [ranges[from]!, ranges[from + 1]!, ranges[to]!];
  return before.decision === after.decision && after.first === single.first + 1;
}

import { dataOffset } from '../bpf/instruction.ts';
import type { Alternative } from '../model/canonical.ts';
import type { Comparison } from '../model/condition.ts';
import { ALL, type Decision, type Decisions } from './decision.ts';

/**
 * The decision between alternatives: the first whose comparisons all hold. A filter sees 32 bits at a time, so that a
 * comparison of 64 is one of the high words, and where they do not settle it, one of the low words.
 *
 * @param narrow whether arguments have 32 bits: the high words are 0 then, and not looked at.
 */
export function decide(
  make: Decisions,
  alternatives: readonly Alternative[],
  otherwise: Decision,
  narrow: boolean,
): Decision {
  let decision = otherwise;
  for (const { comparisons, action } of alternatives.toReversed()) {
    let holds: Decision = make.leaf(action);
    for (const comparison of comparisons.toReversed()) holds = compare(make, comparison, holds, decision, narrow);
    decision = holds;
  }
  return decision;
}

function compare(make: Decisions, comparison: Comparison, yes: Decision, no: Decision, narrow: boolean): Decision {
  const { index, op, mask, value } = comparison;
  if (op === 'NE') return equal(make, index, mask, value, no, yes, narrow);
  if (op === 'EQ') return equal(make, index, mask, value, yes, no, narrow);
  return op === 'GT' ? greater(make, index, value, yes, no, narrow) : greater(make, index, value, no, yes, narrow);
}

function equal(
  make: Decisions,
  index: number,
  mask: bigint,
  value: bigint,
  yes: Decision,
  no: Decision,
  narrow: boolean,
): Decision {
  const low = word(make, dataOffset.low(index), lowOf(mask), lowOf(value), yes, no);
  if (narrow) return highOf(value) === 0 ? low : no;
  return word(make, dataOffset.high(index), highOf(mask), highOf(value), low, no);
}

function word(make: Decisions, offset: number, mask: number, value: number, yes: Decision, no: Decision): Decision {
  return mask === 0 ? yes : make.test(offset, mask, 'eq', value, yes, no);
}

function greater(
  make: Decisions,
  index: number,
  value: bigint,
  yes: Decision,
  no: Decision,
  narrow: boolean,
): Decision {
  const high = highOf(value);
  const low = lowOf(value) === ALL ? no : make.test(dataOffset.low(index), ALL, 'gt', lowOf(value), yes, no);
  if (narrow) return high === 0 ? low : no;
  const at = dataOffset.high(index);
  // Above 0x…ffffffff lies all that has a greater high word, and nothing else.
  if (low === no) return high === ALL ? no : make.test(at, ALL, 'gt', high, yes, no);
  const equalHigh = make.test(at, ALL, 'eq', high, low, no);
  return high === ALL ? equalHigh : make.test(at, ALL, 'gt', high, yes, equalHigh);
}

function lowOf(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}

function highOf(value: bigint): number {
  return Number(value >> 32n);
}

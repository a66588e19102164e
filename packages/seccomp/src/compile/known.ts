import { ALL, type Test } from './decision.ts';

/** What the way to a test says about one word. */
export interface Knowledge {
  /** The word is at least this and at most that. */
  readonly min: number;
  readonly max: number;
  /** These bits are known, and so. */
  readonly bits: number;
  readonly value: number;
  /** Masks and values that it is known not to have, as `mask,value`. */
  readonly not: readonly { readonly mask: number; readonly value: number }[];
}

/** Of a word that was not looked at. */
export const nothing: Knowledge = { min: 0, max: ALL, bits: 0, value: 0, not: [] };

/** Whether what is known settles a test; undefined: it does not. */
export function settled({ min, max, bits, value, not }: Knowledge, test: Test): boolean | undefined {
  if (test.relation !== 'eq') {
    const least = test.relation === 'gt' ? test.value + 1 : test.value;
    return min >= least ? true : max < least ? false : undefined;
  }
  if (min === max) return (min & test.mask) >>> 0 === test.value;
  const common = bits & test.mask;
  if (((value ^ test.value) & common) !== 0) return false;
  if ((bits & test.mask) >>> 0 === test.mask) return true;
  if (test.mask === ALL && (test.value < min || test.value > max)) return false;
  return not.some((other) => other.mask === test.mask && other.value === test.value) ? false : undefined;
}

/** What is known behind a test. */
export function learned(known: Knowledge, test: Test, outcome: boolean): Knowledge {
  if (test.relation !== 'eq') {
    const least = test.relation === 'gt' ? test.value + 1 : test.value;
    return outcome ? { ...known, min: Math.max(known.min, least) } : { ...known, max: Math.min(known.max, least - 1) };
  }
  if (outcome) {
    if (test.mask === ALL) return { min: test.value, max: test.value, bits: ALL, value: test.value, not: [] };
    return { ...known, bits: (known.bits | test.mask) >>> 0, value: ((known.value & ~test.mask) | test.value) >>> 0 };
  }
  // One bit that is not this is the other.
  if ((test.mask & (test.mask - 1)) === 0) {
    const value = ((known.value & ~test.mask) | (test.value ^ test.mask)) >>> 0;
    return { ...known, bits: (known.bits | test.mask) >>> 0, value };
  }
  return { ...known, not: [...known.not, { mask: test.mask, value: test.value }] };
}

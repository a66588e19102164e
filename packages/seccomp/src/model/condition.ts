import { SeccompError } from '../errors.ts';
import { didYouMean } from '../syscalls/suggest.ts';
import { type Condition, OPERATORS } from './filter.ts';

/** 2^64 - 1. */
export const UINT64_MAX = 2n ** 64n - 1n;

/** A condition in one of four forms; those of {@link Condition} that mean the same have the same form. */
export interface Comparison {
  /** Which argument, 0 to 5. */
  readonly index: number;
  readonly op: 'EQ' | 'NE' | 'GT' | 'LE';
  /** What the argument is masked with first; all bits but for EQ. */
  readonly mask: bigint;
  readonly value: bigint;
}

/**
 * Brings a condition into its form. `true` always holds, `false` never does.
 *
 * @throws {SeccompError} for an index, operator or value that cannot be, and for a masked comparison whose value has bits
 * that the mask takes away.
 */
export function normalize(condition: Condition, field: string): Comparison | boolean {
  const { index, op } = condition;
  if (!Number.isInteger(index) || index < 0 || index > 5)
    throw new SeccompError(`${field}.index`, `argument ${index} is not between 0 and 5`);
  const value = unsigned64(condition.value, `${field}.value`);
  const plain = (form: Comparison['op'], than: bigint): Comparison => ({
    index,
    op: form,
    mask: UINT64_MAX,
    value: than,
  });
  switch (op) {
    case 'EQ':
    case 'NE':
      return plain(op, value);
    case 'GT':
      return value === UINT64_MAX ? false : plain('GT', value);
    case 'GE':
      return value === 0n ? true : plain('GT', value - 1n);
    case 'LE':
      return value === UINT64_MAX ? true : plain('LE', value);
    case 'LT':
      return value === 0n ? false : plain('LE', value - 1n);
    case 'MASKED_EQ': {
      const mask = unsigned64(condition.mask, `${field}.mask`);
      if ((value & ~mask) !== 0n)
        throw new SeccompError(
          `${field}.value`,
          `0x${value.toString(16)} has bits outside of the mask 0x${mask.toString(16)}`,
          'the condition could never hold',
        );
      return mask === 0n ? true : { index, op: 'EQ', mask, value };
    }
    default: {
      const given: unknown = op;
      const hint = didYouMean(String(given), OPERATORS);
      throw new SeccompError(
        `${field}.op`,
        `unknown operator ${JSON.stringify(given)}${hint}`,
        `use one of ${OPERATORS.join(', ')}`,
      );
    }
  }
}

function unsigned64(value: number | bigint, field: string): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new SeccompError(field, `${value} is not an integer that a number can hold exactly`, 'give a bigint');
  if (typeof value !== 'number' && typeof value !== 'bigint')
    throw new SeccompError(field, `${JSON.stringify(value)} is not an integer`);
  const exact = BigInt(value);
  if (exact < 0n || exact > UINT64_MAX) throw new SeccompError(field, `${exact} is not between 0 and 2^64 - 1`);
  return exact;
}

/** Whether an argument, 0 to 2^64 - 1, is as the comparison wants it. */
export function holds({ op, mask, value }: Comparison, argument: bigint): boolean {
  switch (op) {
    case 'EQ':
      return (argument & mask) === value;
    case 'NE':
      return argument !== value;
    case 'GT':
      return argument > value;
    case 'LE':
      return argument <= value;
  }
}

const forms: readonly Comparison['op'][] = ['EQ', 'NE', 'GT', 'LE'];

/** An order of comparisons that has nothing to do with how they were given. */
export function compareComparisons(a: Comparison, b: Comparison): number {
  return (
    a.index - b.index ||
    forms.indexOf(a.op) - forms.indexOf(b.op) ||
    compareBigints(a.mask, b.mask) ||
    compareBigints(a.value, b.value)
  );
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

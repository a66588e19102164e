import { INT64_MAX, INT64_MIN, type Int64, int64 } from '../integers.ts';
import type { JsonNode } from '../json/node.ts';
import { type Codec, describeNode, type Report } from './codec.ts';
import { suggest } from './suggest.ts';

/** true or false. */
export const boolean: Codec<boolean> = {
  decode: (node, path, report) =>
    node.kind === 'boolean'
      ? node.value
      : report.add(node, path, `expected true or false, found ${describeNode(node)}`),
  encode: (value) => value,
  schema: () => ({ type: 'boolean' }),
};

/** Any string; the empty one is a value. */
export const string: Codec<string> = {
  decode: (node, path, report) =>
    node.kind === 'string' ? node.value : report.add(node, path, `expected a string, found ${describeNode(node)}`),
  encode: (value) => value,
  schema: () => ({ type: 'string' }),
};

/** A string of which the empty one means "not set", as the original's files write it. */
export const text: Codec<string> = {
  ...string,
  decode: (node, path, report) => string.decode(node, path, report) || undefined,
};

/** One of a few strings; the empty one means "not set". */
export function choice<const T extends string>(choices: readonly T[]): Codec<T> {
  return {
    decode(node, path, report) {
      const value = text.decode(node, path, report);
      const known = choices.find((item) => item === value);
      if (value === undefined || known !== undefined) return known;
      const message = `unknown value ${JSON.stringify(value)}, expected one of ${choices.join(', ')}`;
      return report.add(node, path, message, suggest(value, choices));
    },
    encode: (value) => value,
    schema: () => ({ enum: [...choices, ''] }),
  };
}

interface IntegerOptions {
  /** Smallest value. */
  readonly min?: bigint | number;
  /** Largest value. */
  readonly max?: bigint | number;
  /** The value that means "not set", as the original's files write it. */
  readonly unset?: number;
}

/** Exact value of a number node, or undefined with a problem when it is no integer within the bounds. */
function decodeInteger(node: JsonNode, path: string, report: Report, min: bigint, max: bigint): bigint | undefined {
  if (node.kind !== 'number') return report.add(node, path, `expected an integer, found ${describeNode(node)}`);
  if (!/^-?\d+$/.test(node.text)) {
    return report.add(node, path, `expected an integer without fraction and exponent, found ${node.text}`);
  }
  const value = BigInt(node.text);
  if (value >= min && value <= max) return value;
  return report.add(node, path, `${node.text} is out of range, expected ${min} to ${max}`);
}

/** An integer that a number holds exactly. */
export function integer(options: IntegerOptions = {}): Codec<number> {
  const min = BigInt(options.min ?? Number.MIN_SAFE_INTEGER);
  const max = BigInt(options.max ?? Number.MAX_SAFE_INTEGER);
  return {
    decode(node, path, report) {
      const value = decodeInteger(node, path, report, min, max);
      return value === undefined || Number(value) === options.unset ? undefined : Number(value);
    },
    encode: (value) => value,
    schema: () => ({ type: 'integer', minimum: min, maximum: max }),
  };
}

/** A 64-bit integer: signed unless the options say otherwise. */
export function integer64(options: IntegerOptions = {}): Codec<Int64> {
  const min = BigInt(options.min ?? INT64_MIN);
  const max = BigInt(options.max ?? INT64_MAX);
  return {
    decode(node, path, report) {
      const value = decodeInteger(node, path, report, min, max);
      return value === undefined || Number(value) === options.unset ? undefined : int64(value);
    },
    encode: (value) => value,
    schema: () => ({ type: 'integer', minimum: min, maximum: max }),
  };
}

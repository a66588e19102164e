/**
 * A 64-bit integer: a number while it is exact (up to 2^53 - 1), a bigint beyond. Parsers of this package always
 * give the number when it is exact, so equal values compare equal.
 */
export type Int64 = number | bigint;

/** Largest value of a signed 64-bit field of container.json. */
export const INT64_MAX = 0x7fff_ffff_ffff_ffffn;

/** Smallest value of a signed 64-bit field of container.json. */
export const INT64_MIN = -0x8000_0000_0000_0000n;

/** Largest value of an unsigned 64-bit field of container.json. */
export const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

/** Gives the number where it is exact and the bigint otherwise. */
export function int64(value: bigint): Int64 {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}

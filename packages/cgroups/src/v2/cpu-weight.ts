import type { Int64 } from '../resources.ts';

/**
 * cpu.weight (1 to 10000, by default 100) for shares of v1 (2 to 262144, by default 1024): the curve through both ends
 * and both defaults that runc, crun and systemd agreed on. 2 gives 1, 1024 gives 100, 262144 gives 10000.
 *
 *     10 ^ ((log2(shares)^2 + 125 * log2(shares)) / 612 - 7 / 34)
 */
export function cpuWeightOf(cpuShares: Int64): number {
  const shares = Number(cpuShares);
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const log = Math.log2(shares);
  const exponent = (log * log + 125 * log) / 612 - 7 / 34;
  // A result that is whole by the formula must not be lifted by the last bit of a floating point number.
  return Math.ceil(10 ** exponent - 1e-9);
}

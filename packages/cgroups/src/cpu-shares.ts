import { given } from './controller.ts';
import { CgroupError } from './error.ts';
import type { Int64, Resources } from './resources.ts';

/** The smallest and the largest number of shares: MIN_SHARES and MAX_SHARES of kernel/sched/sched.h */
export const cpuSharesRange = { min: 2n, max: 262144n } as const;

/**
 * The kernel cuts shares to its range without a word. Comparing what was asked for with what it took turns that into
 * an error that names the bound.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID when `taken` is another number.
 */
export function checkCpuShares({ cpuShares }: Resources, taken: Int64): void {
  if (!given(cpuShares) || BigInt(cpuShares) === BigInt(taken)) return;
  const bound = BigInt(cpuShares) > BigInt(taken) ? 'maximum' : 'minimum';
  throw new CgroupError('ERR_CGROUP_INVALID', `the ${bound} allowed cpu-shares is ${taken}`, {
    field: 'cpuShares',
    file: 'cpu.shares',
    data: String(cpuShares),
    hint: `give ${cpuSharesRange.min} to ${cpuSharesRange.max}; 1024 is the share of a group that nobody limits`,
  });
}

/** The shares that the kernel would take. */
export function clampCpuShares(cpuShares: Int64): bigint {
  const { min, max } = cpuSharesRange;
  const shares = BigInt(cpuShares);
  if (shares < min) return min;
  return shares > max ? max : shares;
}

import { type Controller, type GroupView, given } from '../controller.ts';
import { checkCpuShares, clampCpuShares } from '../cpu-shares.ts';
import type { Write } from '../fs/write.ts';
import type { Resources } from '../resources.ts';
import { parseFlatKeyed, parseUint } from '../text/parse.ts';
import { cpuWeightOf } from './cpu-weight.ts';

/** The cpu controller: Documentation/admin-guide/cgroup-v2.rst */
export const cpu: Controller = {
  name: 'cpu',
  writes: (resources, view) => [...idle(resources), ...weight(resources), ...bandwidth(resources, view)],
  stats: (group, into) => {
    const stat = group.tryValue('cpu.stat', parseFlatKeyed);
    if (!stat) return;
    const nanoseconds = (key: string) => (stat[key] ?? 0n) * 1000n;
    into.cpu = {
      ...into.cpu,
      usage: {
        totalNs: nanoseconds('usage_usec'),
        kernelNs: nanoseconds('system_usec'),
        userNs: nanoseconds('user_usec'),
      },
      ...(stat['nr_periods'] !== undefined && {
        throttling: {
          periods: stat['nr_periods'],
          throttledPeriods: stat['nr_throttled'] ?? 0n,
          throttledTimeNs: nanoseconds('throttled_usec'),
        },
      }),
      ...(stat['nr_bursts'] !== undefined && {
        bursts: { count: stat['nr_bursts'], timeNs: nanoseconds('burst_usec') },
      }),
    };
  },
};

function idle({ cpuIdle }: Resources): readonly Write[] {
  return cpuIdle === undefined ? [] : [{ file: 'cpu.idle', value: String(cpuIdle), field: 'cpuIdle' }];
}

/** An idle group has no weight: writing one is an error. Shares that v1 would refuse are refused here as well. */
function weight(resources: Resources): readonly Write[] {
  const { cpuShares, cpuIdle } = resources;
  if (!given(cpuShares)) return [];
  checkCpuShares(resources, clampCpuShares(cpuShares));
  if (given(cpuIdle)) return [];
  return [{ file: 'cpu.weight', value: String(cpuWeightOf(cpuShares)), field: 'cpuShares' }];
}

/** `quota period` in one write; what is not given stays. No burst may be above the quota. */
function bandwidth(resources: Resources, view: GroupView): readonly Write[] {
  const { cpuQuota, cpuPeriod, cpuBurst } = resources;
  const burst = given(cpuBurst) ? [{ file: 'cpu.max.burst', value: String(cpuBurst), field: 'cpuBurst' }] : [];
  const now = view.tryRead('cpu.max.burst');
  const lower = given(cpuBurst) && now !== undefined && BigInt(cpuBurst) < parseUint(now);
  if (!given(cpuQuota) && !given(cpuPeriod)) return burst;
  const quota = given(cpuQuota) ? quotaText(cpuQuota) : (view.tryRead('cpu.max')?.split(' ')[0] ?? 'max');
  const value = given(cpuPeriod) ? `${quota} ${cpuPeriod}` : quota;
  const limit = { file: 'cpu.max', value, field: given(cpuQuota) ? 'cpuQuota' : 'cpuPeriod' };
  return lower ? [...burst, limit] : [limit, ...burst];
}

function quotaText(quota: number | bigint): string {
  return BigInt(quota) < 0n ? 'max' : String(quota);
}

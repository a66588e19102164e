import { type Controller, type GroupView, given } from '../controller.ts';
import { checkCpuShares } from '../cpu-shares.ts';
import type { Write } from '../fs/write.ts';
import type { Resources } from '../resources.ts';
import { parseFlatKeyed, parseUint } from '../text/parse.ts';

/** The cpu controller: Documentation/scheduler/sched-bwc.rst, sched-rt-group.rst */
export const cpu: Controller = {
  name: 'cpu',
  writes: (resources, view) => [
    ...value(resources, 'cpuShares', 'cpu.shares'),
    ...bandwidth(resources, view),
    ...value(resources, 'cpuRtPeriod', 'cpu.rt_period_us'),
    ...value(resources, 'cpuRtRuntime', 'cpu.rt_runtime_us'),
    ...idle(resources),
  ],
  stats: (group, into) => {
    const stat = group.tryValue('cpu.stat', parseFlatKeyed);
    if (!stat) return;
    into.cpu = {
      ...into.cpu,
      throttling: {
        periods: stat['nr_periods'] ?? 0n,
        throttledPeriods: stat['nr_throttled'] ?? 0n,
        throttledTimeNs: stat['throttled_time'] ?? 0n,
      },
      ...(stat['nr_bursts'] !== undefined && {
        bursts: { count: stat['nr_bursts'], timeNs: stat['burst_time'] ?? 0n },
      }),
    };
  },
  verify: (resources, group) => {
    if (!given(resources.cpuShares)) return;
    checkCpuShares(resources, group.value('cpu.shares', parseUint));
  },
};

type NumberField = 'cpuShares' | 'cpuPeriod' | 'cpuQuota' | 'cpuBurst' | 'cpuRtPeriod' | 'cpuRtRuntime';

function value(resources: Resources, field: NumberField, file: string): readonly Write[] {
  const number = resources[field];
  return given(number) ? [{ file, value: String(number), field }] : [];
}

/**
 * The kernel checks quota over period against the parent at each write, and that no burst is above the quota: so a
 * shorter period goes after the quota, and a lower burst before it.
 */
function bandwidth(resources: Resources, view: GroupView): readonly Write[] {
  const period = value(resources, 'cpuPeriod', 'cpu.cfs_period_us');
  const quota = value(resources, 'cpuQuota', 'cpu.cfs_quota_us');
  const burst = value(resources, 'cpuBurst', 'cpu.cfs_burst_us');
  const shorter = isLess(resources.cpuPeriod, view.tryRead('cpu.cfs_period_us'));
  const lower = isLess(resources.cpuBurst, view.tryRead('cpu.cfs_burst_us'));
  const both = shorter ? [...quota, ...period] : [...period, ...quota];
  return lower ? [...burst, ...both] : [...both, ...burst];
}

function isLess(wanted: number | bigint | undefined, now: string | undefined): boolean {
  return wanted !== undefined && now !== undefined && BigInt(wanted) < parseUint(now);
}

function idle({ cpuIdle }: Resources): readonly Write[] {
  return cpuIdle === undefined ? [] : [{ file: 'cpu.idle', value: String(cpuIdle), field: 'cpuIdle' }];
}

import { FREEZER_STATES } from '../cgroup.ts';
import type { Config } from '../config.ts';
import type { Checker } from './checker.ts';

/** The group stays below its parent, and the values are such as the kernel takes. */
export function checkCgroups({ cgroups }: Config, checker: Checker): void {
  if (cgroups === undefined) return;
  for (const key of ['name', 'parent', 'slice'] as const) {
    const path = cgroups[key];
    if (path?.split('/').includes('..')) checker.add(`cgroups.${key}`, `${JSON.stringify(path)} must not contain ".."`);
  }
  checker.range('cgroups.memory_swappiness', 'swappiness', cgroups.memorySwappiness, -1, 100);
  if (cgroups.blkioWeight) checker.range('cgroups.blkio_weight', 'weight', cgroups.blkioWeight, 10, 1000);
  if (cgroups.freezer && !FREEZER_STATES.includes(cgroups.freezer)) {
    checker.add('cgroups.freezer', `Invalid argument '${cgroups.freezer}' to freezer.state`);
  }
  for (const [key, value] of [
    ['memory', cgroups.memory],
    ['memory_reservation', cgroups.memoryReservation],
    ['memory_swap', cgroups.memorySwap],
    ['kernel_memory', cgroups.kernelMemory],
    ['cpu_quota', cgroups.cpuQuota],
    ['cpu_rt_runtime', cgroups.cpuRtRuntime],
  ] as const) {
    if (value !== undefined && value < -1) checker.add(`cgroups.${key}`, `${value} is less than -1 (no limit)`);
  }
  for (const [key, value] of [
    ['cpu_shares', cgroups.cpuShares],
    ['cpu_period', cgroups.cpuPeriod],
    ['cpu_rt_period', cgroups.cpuRtPeriod],
  ] as const) {
    if (value !== undefined && value < 0) checker.add(`cgroups.${key}`, `${value} is less than 0`);
  }
  cgroups.hugetlbLimit?.forEach(({ pageSize }, index) => {
    if (/^\d+[KMG]B$/.test(pageSize)) return;
    checker.add(`cgroups.hugetlb_limit[${index}].page_size`, `${JSON.stringify(pageSize)} is not like 2MB`);
  });
}

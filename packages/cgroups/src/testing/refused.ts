import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CgroupError } from '../error.ts';
import { detectLayout } from '../layout/layout.ts';
import type { Manager } from '../manager.ts';
import type { Resources } from '../resources.ts';
import { WaitingShell } from './host.ts';

const { v1 } = detectLayout();
const isV1 = v1.some(({ controllers }) => controllers.includes('memory'));

type Case = readonly [resources: Resources, field: string, v1File: string, v2File: string, remedy: RegExp];

const cases: readonly Case[] = [
  [{ cpuShares: 1 }, 'cpuShares', 'cpu.shares', 'cpu.shares', /give 2 to 262144/],
  [{ cpuShares: 262145 }, 'cpuShares', 'cpu.shares', 'cpu.shares', /give 2 to 262144/],
  [{ cpuQuota: 5 }, 'cpuQuota', 'cpu.cfs_quota_us', 'cpu.max', /at least 1000 us/],
  [{ cpuPeriod: 5 }, 'cpuPeriod', 'cpu.cfs_period_us', 'cpu.max', /1000 to 1000000 us/],
  [{ cpuQuota: 5000, cpuBurst: 6000 }, 'cpuBurst', 'cpu.cfs_burst_us', 'cpu.max.burst', /larger than the quota/],
  [{ cpusetCpus: '4000' }, 'cpusetCpus', 'cpuset.cpus', 'cpuset.cpus', /must exist/],
  [{ cpusetMems: '64' }, 'cpusetMems', 'cpuset.mems', 'cpuset.mems', /must exist/],
  [{ memory: 1000 }, 'memory', 'memory.limit_in_bytes', 'memory.max', /4096 bytes/],
  [
    { memory: 64 << 20, memorySwap: 32 << 20 },
    'memorySwap',
    'memory.memsw.limit_in_bytes',
    'memory.swap.max',
    /limit of (both|memory and swap) must/,
  ],
  [{ pidsLimit: 2 ** 40 }, 'pidsLimit', 'pids.max', 'pids.max', /0 to 4194304/],
  [{ blkioWeight: 5 }, 'blkioWeight', 'blkio.weight', 'io.weight', /give 10 to 1000/],
  [
    { blkioThrottleReadBpsDevice: '4000:1 5' },
    'blkioThrottleReadBpsDevice',
    'blkio.throttle.read_bps_device',
    'io.max',
    /no block device/,
  ],
  [
    { hugetlbLimit: [{ pageSize: '3MB', limit: 0 }] },
    'hugetlbLimit[0]',
    'hugetlb.3MB.max',
    'hugetlb.3MB.max',
    /see \/sys\/kernel\/mm\/hugepages/,
  ],
  isV1
    ? [{ unified: { 'memory.high': '1M' } }, 'unified["memory.high"]', 'memory.high', '', /cgroup_disable/]
    : [{ memorySwappiness: 5 }, 'memorySwappiness', '', 'memory.swappiness', /limit memorySwap/],
];

const groupsOf = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8');

/**
 * What the kernel or the driver does not take: errors that say which field, which file and what to do, a process that is
 * where it was, and no group.
 */
export function testsOfWhatIsRefused(
  make: (resources: Resources) => Promise<Manager>,
  nothingStays: (manager: Manager) => void,
): void {
  it.each(cases)('%o is refused, and nothing stays', async (resources, field, v1File, v2File, remedy) => {
    await using shell = new WaitingShell('true');
    const before = groupsOf(shell.pid);
    const manager = await make(resources);
    const error: unknown = await manager.apply(shell.pid).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CgroupError);
    const { message, field: told, file, hint } = error as CgroupError;
    expect({ message, field: told, file, hint }).toEqual({
      message: expect.stringMatching(new RegExp(`^${field.replace(/[[\]]/g, '\\$&')}: `)),
      field,
      file: isV1 ? v1File : v2File,
      hint: expect.stringMatching(remedy),
    });
    expect(message).toContain(hint);
    expect(groupsOf(shell.pid)).toBe(before);
    expect(manager.exists()).toBe(false);
    nothingStays(manager);
  });
}

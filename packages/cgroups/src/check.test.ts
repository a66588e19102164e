import { expect, it } from 'vitest';
import { checkValues } from './check.ts';
import { CgroupError } from './error.ts';
import type { Resources } from './resources.ts';

const rule = { type: 'c', major: 1, minor: 3, permissions: 'rwm' } as const;

/** What a caller without types can give. */
const untyped = (value: unknown) => value as never;

it.each<[Resources, field: string, v1File: string, v2File: string]>([
  [{ cpuShares: -1 }, 'cpuShares', 'cpu.shares', 'cpu.weight'],
  [{ cpuShares: 1.5 }, 'cpuShares', 'cpu.shares', 'cpu.weight'],
  [{ cpuShares: Number.NaN }, 'cpuShares', 'cpu.shares', 'cpu.weight'],
  [{ cpuShares: untyped('x') }, 'cpuShares', 'cpu.shares', 'cpu.weight'],
  [{ cpuQuota: -2 }, 'cpuQuota', 'cpu.cfs_quota_us', 'cpu.max'],
  [{ cpuPeriod: -1 }, 'cpuPeriod', 'cpu.cfs_period_us', 'cpu.max'],
  [{ cpuIdle: 2 }, 'cpuIdle', 'cpu.idle', 'cpu.idle'],
  [{ memory: -2 }, 'memory', 'memory.limit_in_bytes', 'memory.max'],
  [{ memory: 4095 }, 'memory', 'memory.limit_in_bytes', 'memory.max'],
  [{ memory: 2 ** 60 }, 'memory', 'memory.limit_in_bytes', 'memory.max'],
  [{ memoryReservation: -4 }, 'memoryReservation', 'memory.soft_limit_in_bytes', 'memory.low'],
  [{ memorySwap: Number.POSITIVE_INFINITY }, 'memorySwap', 'memory.memsw.limit_in_bytes', 'memory.swap.max'],
  [{ memorySwappiness: 101 }, 'memorySwappiness', 'memory.swappiness', 'memory.swappiness'],
  [{ pidsLimit: -2 }, 'pidsLimit', 'pids.max', 'pids.max'],
  [{ blkioWeight: 9 }, 'blkioWeight', 'blkio.weight', 'io.weight'],
  [{ blkioWeight: 1001 }, 'blkioWeight', 'blkio.weight', 'io.weight'],
  [{ blkioWeightDevice: '8:0 5' }, 'blkioWeightDevice', 'blkio.weight_device', 'io.weight'],
  [{ blkioThrottleReadBpsDevice: 'sda 5' }, 'blkioThrottleReadBpsDevice', 'blkio.throttle.read_bps_device', 'io.max'],
  [
    { blkioThrottleWriteIopsDevice: '8:0 1\n8:0 -1' },
    'blkioThrottleWriteIopsDevice',
    'blkio.throttle.write_iops_device',
    'io.max',
  ],
  [
    { hugetlbLimit: [{ pageSize: '2 MB', limit: 1 }] },
    'hugetlbLimit[0].pageSize',
    'hugetlb.2 MB.limit_in_bytes',
    'hugetlb.2 MB.max',
  ],
  [
    { hugetlbLimit: [{ pageSize: '2MB', limit: -2 }] },
    'hugetlbLimit[0].limit',
    'hugetlb.2MB.limit_in_bytes',
    'hugetlb.2MB.max',
  ],
  [{ rdma: [{ device: 'a', hcaHandles: 0.5 }] }, 'rdma[0].hcaHandles', 'rdma.max', 'rdma.max'],
  [
    { netPrioIfpriomap: [{ interface: 'a b', priority: 1 }] },
    'netPrioIfpriomap[0].interface',
    'net_prio.ifpriomap',
    'net_prio.ifpriomap',
  ],
  [{ netClsClassid: '1:1' }, 'netClsClassid', 'net_cls.classid', 'net_cls.classid'],
  [{ freezer: untyped('Invalid') }, 'freezer', 'freezer.state', 'cgroup.freeze'],
  [
    { allowedDevices: [rule, { ...rule, type: untyped('x') }] },
    'allowedDevices[1].type',
    'devices.allow',
    'the device program of the group',
  ],
  [
    { deniedDevices: [{ ...rule, permissions: 'rx' }] },
    'deniedDevices[0].permissions',
    'devices.allow',
    'the device program of the group',
  ],
  [
    { devices: [{ ...rule, major: -2, allow: true }] },
    'devices[0].major',
    'devices.allow',
    'the device program of the group',
  ],
])('%o is refused with field, file and remedy', (resources, field, v1File, v2File) => {
  for (const [isV1, file] of [
    [true, v1File],
    [false, v2File],
  ] as const) {
    let error: unknown;
    try {
      checkValues(resources, () => isV1);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CgroupError);
    expect(error).toMatchObject({ code: 'ERR_CGROUP_INVALID', field, file, hint: expect.any(String) });
    expect((error as Error).message).toMatch(new RegExp(`^${field.replace(/[[\]]/g, '\\$&')}: .* is no value for `));
  }
});

it('takes what can be meant', () => {
  const resources: Resources = {
    memory: 4096,
    memorySwap: -1,
    memoryReservation: 2n ** 62n,
    memorySwappiness: -1,
    cpuShares: 2,
    cpuQuota: -1,
    pidsLimit: 0,
    blkioWeight: 10,
    blkioWeightDevice: '8:0 1000\n',
    blkioThrottleReadBpsDevice: ' 8:0 0 \n8:16 18446744073709551615',
    hugetlbLimit: [{ pageSize: '1GB', limit: 0 }],
    netClsClassid: '0x100001',
    freezer: 'THAWED',
    allowedDevices: [rule, { ...rule, type: 'a', major: -1, minor: -1 }],
  };
  for (const isV1 of [true, false]) expect(() => checkValues(resources, () => isV1)).not.toThrow();
  expect(() => checkValues({}, () => true)).not.toThrow();
});

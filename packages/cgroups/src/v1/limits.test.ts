import { expect, it } from 'vitest';
import type { Controller } from '../controller.ts';
import { devices } from '../devices/v1.ts';
import { pids } from '../pids.ts';
import { rdma } from '../rdma.ts';
import type { Resources } from '../resources.ts';
import { fakeGroup, setOn, textOf } from '../testing/fake.ts';
import { blkio } from './blkio.ts';
import { cpu } from './cpu.ts';
import { cpuset } from './cpuset.ts';
import { hugetlb } from './hugetlb.ts';
import { memory } from './memory.ts';
import { netCls, netPrio } from './net.ts';

type Files = Readonly<Record<string, string>>;
type Case = readonly [what: string, controller: Controller, before: Files, resources: Resources, after: Files];

const allowed = { type: 'c', major: 1, minor: 5, permissions: 'rwm' } as const;
const denied = { type: 'c', major: 1, minor: 3, permissions: 'rwm' } as const;

const cases: readonly Case[] = [
  ['weight', blkio, { 'blkio.weight': '100' }, { blkioWeight: 200 }, { 'blkio.weight': '200' }],
  ['weight of bfq', blkio, { 'blkio.bfq.weight': '100' }, { blkioWeight: 200 }, { 'blkio.bfq.weight': '200' }],
  [
    'weight of a device',
    blkio,
    { 'blkio.weight_device': '8:0 400' },
    { blkioWeightDevice: '8:0 500' },
    { 'blkio.weight_device': '8:0 500' },
  ],
  [
    'read bytes',
    blkio,
    { 'blkio.throttle.read_bps_device': '8:0 1024' },
    { blkioThrottleReadBpsDevice: '8:0 2048' },
    { 'blkio.throttle.read_bps_device': '8:0 2048' },
  ],
  [
    'write bytes',
    blkio,
    { 'blkio.throttle.write_bps_device': '8:0 1024' },
    { blkioThrottleWriteBpsDevice: '8:0 2048' },
    { 'blkio.throttle.write_bps_device': '8:0 2048' },
  ],
  [
    'read operations',
    blkio,
    { 'blkio.throttle.read_iops_device': '8:0 1024' },
    { blkioThrottleReadIopsDevice: '8:0 2048' },
    { 'blkio.throttle.read_iops_device': '8:0 2048' },
  ],
  [
    'write operations',
    blkio,
    { 'blkio.throttle.write_iops_device': '8:0 1024' },
    { blkioThrottleWriteIopsDevice: '8:0 2048' },
    { 'blkio.throttle.write_iops_device': '8:0 2048' },
  ],
  ['shares', cpu, { 'cpu.shares': '1024' }, { cpuShares: 512 }, { 'cpu.shares': '512' }],
  [
    'bandwidth',
    cpu,
    {
      'cpu.cfs_quota_us': '8000',
      'cpu.cfs_period_us': '10000',
      'cpu.rt_runtime_us': '8000',
      'cpu.rt_period_us': '10000',
    },
    { cpuQuota: 5000, cpuPeriod: 7000, cpuRtRuntime: 5000, cpuRtPeriod: 7000 },
    {
      'cpu.cfs_quota_us': '5000',
      'cpu.cfs_period_us': '7000',
      'cpu.rt_runtime_us': '5000',
      'cpu.rt_period_us': '7000',
    },
  ],
  ['idle', cpu, { 'cpu.idle': '0' }, { cpuIdle: 1 }, { 'cpu.idle': '1' }],
  ['cpus', cpuset, { 'cpuset.cpus': '0' }, { cpusetCpus: '1-3' }, { 'cpuset.cpus': '1-3' }],
  ['nodes', cpuset, { 'cpuset.mems': '0' }, { cpusetMems: '1' }, { 'cpuset.mems': '1' }],
  [
    'allowed devices',
    devices,
    { 'devices.deny': '', 'devices.allow': '', 'devices.list': 'a *:* rwm' },
    { allowAllDevices: false, allowedDevices: [allowed] },
    { 'devices.deny': 'a', 'devices.allow': 'c 1:5 rwm' },
  ],
  [
    'denied devices',
    devices,
    { 'devices.deny': '', 'devices.allow': '', 'devices.list': 'a *:* rwm' },
    { allowAllDevices: true, deniedDevices: [denied] },
    { 'devices.allow': 'a', 'devices.deny': 'c 1:3 rwm' },
  ],
  [
    'huge pages',
    hugetlb,
    { 'hugetlb.2MB.limit_in_bytes': '256' },
    { hugetlbLimit: [{ pageSize: '2MB', limit: 512 }] },
    { 'hugetlb.2MB.limit_in_bytes': '512' },
  ],
  [
    'memory',
    memory,
    { 'memory.limit_in_bytes': '314572800', 'memory.soft_limit_in_bytes': '209715200' },
    { memory: 524288000, memoryReservation: 314572800 },
    { 'memory.limit_in_bytes': '524288000', 'memory.soft_limit_in_bytes': '314572800' },
  ],
  [
    'memory and swap',
    memory,
    { 'memory.memsw.limit_in_bytes': '314572800' },
    { memorySwap: 524288000 },
    { 'memory.memsw.limit_in_bytes': '524288000' },
  ],
  [
    'kernel memory',
    memory,
    { 'memory.kmem.limit_in_bytes': '314572800' },
    { kernelMemory: 524288000 },
    { 'memory.kmem.limit_in_bytes': '524288000' },
  ],
  ['swappiness of 0', memory, { 'memory.swappiness': '60' }, { memorySwappiness: 0 }, { 'memory.swappiness': '0' }],
  ['swappiness that is not given', memory, { 'memory.swappiness': '60' }, {}, { 'memory.swappiness': '60' }],
  ['swappiness of -1', memory, { 'memory.swappiness': '60' }, { memorySwappiness: -1 }, { 'memory.swappiness': '60' }],
  ['oom control', memory, { 'memory.oom_control': '0' }, { oomKillDisable: true }, { 'memory.oom_control': '1' }],
  [
    'class id',
    netCls,
    { 'net_cls.classid': '0x100002' },
    { netClsClassid: '0x100001' },
    { 'net_cls.classid': '0x100001' },
  ],
  [
    'interface priority',
    netPrio,
    { 'net_prio.ifpriomap': '' },
    { netPrioIfpriomap: [{ interface: 'test', priority: 5 }] },
    { 'net_prio.ifpriomap': 'test 5' },
  ],
  ['pids', pids, { 'pids.max': 'max' }, { pidsLimit: 0 }, { 'pids.max': '0' }],
  ['no pids limit', pids, { 'pids.max': '12' }, { pidsLimit: -1 }, { 'pids.max': 'max' }],
  [
    'rdma',
    rdma,
    { 'rdma.max': 'mlx5_0 hca_handle=max hca_object=max' },
    { rdma: [{ device: 'mlx5_0', hcaHandles: 2, hcaObjects: -1 }] },
    { 'rdma.max': 'mlx5_0 hca_handle=2 hca_object=max' },
  ],
];

it.each(cases)('%s', (_, controller, before, resources, after) => {
  const group = fakeGroup(before);
  setOn(group, controller, resources);
  for (const [file, text] of Object.entries(after)) expect(textOf(group, file)).toBe(text);
});

it('writes nothing for what is not given', () => {
  const group = fakeGroup();
  for (const controller of [blkio, cpu, cpuset, devices, hugetlb, memory, netCls, netPrio, pids, rdma])
    expect(controller.writes({ memory: 0, cpuShares: 0n, blkioWeight: 0, cpusetCpus: '' }, group)).toEqual([]);
});

it('writes one device at a time', () => {
  const writes = blkio.writes({ blkioThrottleReadBpsDevice: '8:0 1\n8:16 2\n' }, fakeGroup());
  expect(writes.map(({ value }) => value)).toEqual(['8:0 1', '8:16 2']);
});

const order = (controller: Controller, before: Files, resources: Resources) =>
  controller.writes(resources, fakeGroup(before)).map(({ file }) => file);

it('raises the limit of memory and swap before that of memory, and lowers it after', () => {
  const both = ['memory.memsw.limit_in_bytes', 'memory.limit_in_bytes'];
  const before = { 'memory.memsw.limit_in_bytes': '1000' };
  expect(order(memory, before, { memory: 1500, memorySwap: 2000 })).toEqual(both);
  expect(order(memory, before, { memory: 1500, memorySwap: -1 })).toEqual(both);
  expect(order(memory, before, { memory: 500, memorySwap: 800 })).toEqual(both.toReversed());
});

it('takes the limit of memory and swap away with that of memory', () => {
  const files = ['memory.memsw.limit_in_bytes', 'memory.limit_in_bytes'];
  expect(order(memory, { 'memory.memsw.limit_in_bytes': '1000' }, { memory: -1 })).toEqual(files);
  expect(order(memory, {}, { memory: -1 })).toEqual(['memory.limit_in_bytes']);
});

it('writes a shorter period after the quota, and a lower burst before both', () => {
  const before = { 'cpu.cfs_period_us': '100000', 'cpu.cfs_burst_us': '5000' };
  expect(order(cpu, before, { cpuPeriod: 50_000, cpuQuota: 10_000, cpuBurst: 1000 })).toEqual([
    'cpu.cfs_burst_us',
    'cpu.cfs_quota_us',
    'cpu.cfs_period_us',
  ]);
  expect(order(cpu, before, { cpuPeriod: 200_000, cpuQuota: 10_000, cpuBurst: 6000 })).toEqual([
    'cpu.cfs_period_us',
    'cpu.cfs_quota_us',
    'cpu.cfs_burst_us',
  ]);
});

it('gives a group that denies its new devices before it takes old ones', () => {
  const writes = devices.writes(
    { allowAllDevices: false, allowedDevices: [allowed, { ...denied, permissions: 'r' }] },
    fakeGroup({ 'devices.list': 'c 1:3 rwm\nb 8:* rw\n' }),
  );
  expect(writes.map(({ file, value }) => `${file} ${value}`)).toEqual([
    'devices.allow c 1:5 rwm',
    'devices.allow c 1:3 r',
    'devices.deny c 1:3 wm',
    'devices.deny b 8:* rw',
  ]);
});

it('limits reserved huge pages where the kernel can', () => {
  const resources = { hugetlbLimit: [{ pageSize: '1GB', limit: 0 }] };
  expect(order(hugetlb, { 'hugetlb.1GB.rsvd.limit_in_bytes': '' }, resources)).toEqual([
    'hugetlb.1GB.limit_in_bytes',
    'hugetlb.1GB.rsvd.limit_in_bytes',
  ]);
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { detectLayout } from '../layout/layout.ts';
import { testName, WaitingShell } from '../testing/host.ts';
import { CgroupfsManager } from './manager.ts';

const { v2 } = detectLayout();

it('refuses a parent with processes, which can give no controller, and leaves nothing there', async () => {
  const parent = `${v2!.mountPoint}/${testName()}`;
  mkdirSync(parent);
  const shell = new WaitingShell('true');
  try {
    writeFileSync(`${parent}/cgroup.procs`, String(shell.pid));
    const path = `${parent.slice(v2!.mountPoint.length)}/below`;
    const manager = new CgroupfsManager({ path, resources: { memory: 64 << 20 } });
    const error: unknown = await manager.prepare().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      field: 'memory',
      file: 'cgroup.subtree_control',
      errno: 'EBUSY',
      hint: expect.stringContaining('use another parent'),
    });
    expect(manager.exists()).toBe(false);
  } finally {
    await shell[Symbol.asyncDispose]();
    await new CgroupfsManager({ paths: { '': parent } }).destroy();
  }
});

it('limits of each kind are in the files, and change there', async () => {
  const manager = new CgroupfsManager({
    path: `/${testName()}/${testName()}`,
    resources: {
      memory: 64 << 20,
      memorySwap: 80 << 20,
      memoryReservation: 16 << 20,
      cpuShares: 512,
      cpuQuota: 20_000,
      cpuPeriod: 50_000,
      cpusetCpus: '0-1',
      cpusetMems: '0',
      pidsLimit: 17,
      hugetlbLimit: [{ pageSize: '2MB', limit: 4 << 20 }],
      unified: { 'memory.high': '50331648' },
    },
  });
  const values = () =>
    Object.fromEntries(
      [
        ...['memory.max', 'memory.swap.max', 'memory.low', 'memory.high', 'cpu.weight', 'cpu.max'],
        ...['cpuset.cpus', 'cpuset.mems', 'pids.max', 'hugetlb.2MB.max'],
      ].map((file) => [file, readFileSync(`${manager.paths()['']}/${file}`, 'utf8').trim()]),
    );
  const before = {
    'memory.max': '67108864',
    'memory.swap.max': '16777216',
    'memory.low': '16777216',
    'memory.high': '50331648',
    'cpu.weight': '59',
    'cpu.max': '20000 50000',
    'cpuset.cpus': '0-1',
    'cpuset.mems': '0',
    'pids.max': '17',
    'hugetlb.2MB.max': '4194304',
  };
  try {
    (await manager.prepare()).directory?.close();
    expect(values()).toEqual(before);
    await manager.set({
      memory: 128 << 20,
      memorySwap: 128 << 20,
      cpuShares: 1024,
      cpuQuota: -1,
      cpusetCpus: '0',
      pidsLimit: -1,
    });
    expect(values()).toEqual({
      ...before,
      'memory.max': '134217728',
      'memory.swap.max': '0',
      'cpu.weight': '100',
      'cpu.max': 'max 50000',
      'cpuset.cpus': '0',
      'pids.max': 'max',
    });
  } finally {
    await manager.destroy();
  }
  expect(manager.exists()).toBe(false);
});

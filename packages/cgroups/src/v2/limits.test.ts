import { describe, expect, it } from 'vitest';
import type { Resources } from '../resources.ts';
import { fakeGroup } from '../testing/fake.ts';
import { v2Controllers } from './controllers.ts';
import { cpuWeightOf } from './cpu-weight.ts';
import { ioWeightOf } from './io.ts';
import { unifiedWrites } from './unified.ts';

function writes(resources: Resources, files: Readonly<Record<string, string>> = {}): readonly string[] {
  const group = fakeGroup(files);
  const all = v2Controllers.flatMap((controller) => controller.writes(resources, group));
  return [...all, ...unifiedWrites(resources)].map(({ file, value }) => `${file} ${value}`);
}

it.each([
  [2, 1],
  [3, 2],
  [1024, 100],
  [2048, 174],
  [262144, 10000],
  [300000, 10000],
  [1, 1],
])('%d shares are a weight of %d', (shares, weight) => {
  expect(cpuWeightOf(shares)).toBe(weight);
});

it('is a weight in range, and more for more shares', () => {
  let before = 0;
  for (let shares = 2; shares <= 262144; shares += 511) {
    const weight = cpuWeightOf(shares);
    expect(weight).toBeGreaterThanOrEqual(Math.max(1, before));
    expect(weight).toBeLessThanOrEqual(10000);
    before = weight;
  }
});

it.each([
  [10, 1],
  [100, 910],
  [500, 4950],
  [1000, 10000],
])('a weight of %d for blkio is one of %d for io', (weight, converted) => {
  expect(ioWeightOf(weight)).toBe(converted);
});

describe('values of v1', () => {
  it.each<[string, Resources, Readonly<Record<string, string>>, readonly string[]]>([
    ['shares', { cpuShares: 512 }, {}, ['cpu.weight 59']],
    ['idle without a weight', { cpuShares: 512, cpuIdle: 1 }, {}, ['cpu.idle 1']],
    ['quota', { cpuQuota: 20000 }, {}, ['cpu.max 20000']],
    ['quota and period', { cpuQuota: 20000, cpuPeriod: 50000 }, {}, ['cpu.max 20000 50000']],
    ['no quota', { cpuQuota: -1 }, {}, ['cpu.max max']],
    ['period alone', { cpuPeriod: 50000 }, { 'cpu.max': '20000 100000\n' }, ['cpu.max 20000 50000']],
    ['period in a new group', { cpuPeriod: 50000 }, {}, ['cpu.max max 50000']],
    ['cpuset', { cpusetCpus: '0-1', cpusetMems: '0' }, {}, ['cpuset.cpus 0-1', 'cpuset.mems 0']],
    ['memory', { memory: 100, memoryReservation: 50 }, {}, ['memory.max 100', 'memory.low 50']],
    ['memory and swap', { memory: 100, memorySwap: 150 }, {}, ['memory.swap.max 50', 'memory.max 100']],
    ['no swap', { memory: 100, memorySwap: 100 }, {}, ['memory.swap.max 0', 'memory.max 100']],
    ['swap without end', { memory: 100, memorySwap: -1 }, {}, ['memory.swap.max max', 'memory.max 100']],
    ['memory without end', { memory: -1 }, {}, ['memory.swap.max max', 'memory.max max']],
    ['swap later', { memorySwap: 150 }, { 'memory.max': '100\n' }, ['memory.swap.max 50']],
    ['pids', { pidsLimit: 7 }, {}, ['pids.max 7']],
    ['no pids limit', { pidsLimit: -1 }, {}, ['pids.max max']],
    ['kernel memory is gone', { kernelMemory: 5 }, {}, []],
    ['weight', { blkioWeight: 500 }, {}, ['io.weight 4950']],
    ['weight of bfq', { blkioWeight: 500 }, { 'io.bfq.weight': '' }, ['io.bfq.weight 500']],
    ['weight of a device', { blkioWeightDevice: '8:0 500' }, { 'io.bfq.weight': '' }, ['io.bfq.weight 8:0 500']],
    [
      'throttles',
      { blkioThrottleReadBpsDevice: '8:0 1024\n8:16 5', blkioThrottleWriteIopsDevice: '8:0 0' },
      {},
      ['io.max 8:0 rbps=1024', 'io.max 8:16 rbps=5', 'io.max 8:0 wiops=max'],
    ],
    ['huge pages', { hugetlbLimit: [{ pageSize: '2MB', limit: 2 ** 21 }] }, {}, ['hugetlb.2MB.max 2097152']],
  ])('%s', (_, resources, files, expected) => {
    expect(writes(resources, files)).toEqual(expected);
  });

  it('are overruled by unified', () => {
    const all = writes({ memory: 100, unified: { 'memory.max': '200', 'io.max': '8:0 rbps=1\n8:16 rbps=2\n' } });
    expect(all).toEqual(['memory.max 100', 'memory.max 200', 'io.max 8:0 rbps=1', 'io.max 8:16 rbps=2']);
  });

  it.each<[Resources, string]>([
    [{ cpuShares: 1 }, 'cpuShares: the minimum allowed cpu-shares is 2'],
    [{ cpuShares: 262145 }, 'cpuShares: the maximum allowed cpu-shares is 262144'],
    [{ memorySwap: 100 }, 'memorySwap: a limit of memory and swap needs one of memory'],
    [{ memory: 100, memorySwap: 50 }, 'memorySwap: 50 is less than the memory limit 100'],
    [{ blkioThrottleReadBpsDevice: 'sda 1' }, 'blkioThrottleReadBpsDevice: "sda 1" is not "major:minor number"'],
    [{ unified: { '../memory.max': '1' } }, 'is no file of a group'],
    [{ unified: { memory: '1' } }, 'is no file of a group'],
  ])('%j are refused', (resources, message) => {
    expect(() => writes(resources)).toThrow(message);
  });

  it('can refuse a memory limit below what is in use', () => {
    const files = { 'memory.current': '4096\n' };
    expect(writes({ memory: 100 }, files)).toEqual(['memory.max 100']);
    expect(() => writes({ memory: 100, memoryCheckBeforeUpdate: true }, files)).toThrow('less than the 4096 in use');
  });
});

import { describe, expect, it } from 'vitest';
import { CgroupError } from '../error.ts';
import { pids } from '../pids.ts';
import { rdma } from '../rdma.ts';
import { fakeGroup, statsOf } from '../testing/fake.ts';
import { blkio } from './blkio.ts';
import { cpu } from './cpu.ts';
import { cpuacct } from './cpuacct.ts';
import { hugetlb } from './hugetlb.ts';
import { memory } from './memory.ts';

const recursive = {
  'blkio.io_service_bytes_recursive':
    '8:0 Read 100\n8:0 Write 200\n8:0 Sync 300\n8:0 Async 500\n8:0 Total 500\nTotal 500',
  'blkio.io_serviced_recursive': '8:0 Read 10\n8:0 Write 40\n8:0 Sync 20\n8:0 Async 30\n8:0 Total 50\nTotal 50',
  'blkio.io_queued_recursive': '8:0 Read 1\n8:0 Write 4\n8:0 Sync 2\n8:0 Async 3\n8:0 Total 5\nTotal 5',
  'blkio.io_service_time_recursive':
    '8:0 Read 173959\n8:0 Write 0\n8:0 Sync 0\n8:0 Async 173959\n8:0 Total 173959\nTotal 173959',
  'blkio.io_wait_time_recursive': '8:0 Read 15571\n8:0 Write 0\n8:0 Sync 0\n8:0 Async 15571\n8:0 Total 15571',
  'blkio.io_merged_recursive': '8:0 Read 5\n8:0 Write 10\n8:0 Sync 0\n8:0 Async 0\n8:0 Total 15\nTotal 15',
  'blkio.sectors_recursive': '8:0 1024',
  'blkio.time_recursive': '8:0 4096',
} as const;

const device = { major: 8n, minor: 0n };
const operations = (...values: readonly bigint[]) =>
  ['Read', 'Write', 'Sync', 'Async', 'Total'].map((op, index) => ({ ...device, op, value: values[index] }));

describe('blkio', () => {
  it('reads every counter of cfq', () => {
    expect(statsOf(fakeGroup(recursive), blkio).blkio).toEqual({
      serviceBytes: operations(100n, 200n, 300n, 500n, 500n),
      serviced: operations(10n, 40n, 20n, 30n, 50n),
      queued: operations(1n, 4n, 2n, 3n, 5n),
      serviceTime: operations(173959n, 0n, 0n, 173959n, 173959n),
      waitTime: operations(15571n, 0n, 0n, 15571n, 15571n),
      merged: operations(5n, 10n, 0n, 0n, 15n),
      sectors: [{ ...device, op: '', value: 1024n }],
      time: [{ ...device, op: '', value: 4096n }],
    });
  });

  it.each(Object.keys(recursive))('takes it that %s is not there', (missing) => {
    const { [missing as keyof typeof recursive]: _, ...others } = recursive;
    const stats = statsOf(fakeGroup(others), blkio).blkio;
    expect(Object.values(stats ?? {}).filter((list) => list.length === 0)).toHaveLength(1);
  });

  it.each(['8:0 Read 100 100', '8:0 Read Write', '8:0', 'Total x y z'])('refuses %j', (line) => {
    const group = fakeGroup({ ...recursive, 'blkio.io_service_bytes_recursive': line });
    expect(() => statsOf(group, blkio)).toThrow(/blkio\.io_service_bytes_recursive/);
  });

  it('reads what passed the throttling layer where there is no cfq', () => {
    const group = fakeGroup({
      'blkio.io_serviced_recursive': '',
      'blkio.io_service_bytes_recursive': '',
      'blkio.throttle.io_service_bytes':
        '8:0 Read 11030528\n8:0 Write 23\n8:0 Sync 42\n8:0 Async 11030528\n8:0 Total 11030528\n252:0 Read 11030528\n252:0 Total 11030528\nTotal 22061056',
      'blkio.throttle.io_serviced': '8:0 Read 164\n252:0 Read 164\nTotal 328',
    });
    const stats = statsOf(group, blkio).blkio;
    expect(stats?.serviceBytes.slice(0, 2)).toEqual([
      { ...device, op: 'Read', value: 11030528n },
      { ...device, op: 'Write', value: 23n },
    ]);
    expect(stats?.serviced).toEqual([
      { ...device, op: 'Read', value: 164n },
      { major: 252n, minor: 0n, op: 'Read', value: 164n },
    ]);
  });

  it('reads bfq, and the throttling layer where bfq has seen nothing', () => {
    const throttle = { 'blkio.throttle.io_serviced_recursive': '8:0 Read 7\nTotal 7' };
    const bfq = { 'blkio.bfq.io_serviced_recursive': '8:0 Read 5\nTotal 5' };
    expect(statsOf(fakeGroup({ ...throttle, ...bfq }), blkio).blkio?.serviced).toMatchObject([{ value: 5n }]);
    const idle = { 'blkio.bfq.io_serviced_recursive': 'Total 0' };
    expect(statsOf(fakeGroup({ ...throttle, ...idle }), blkio).blkio?.serviced).toMatchObject([{ value: 7n }]);
  });

  it('has nothing where there is nothing', () => {
    expect(statsOf(fakeGroup(), blkio)).toEqual({});
  });
});

describe('cpu', () => {
  it('keeps 64 bits, and takes blanks at the begin of a line', () => {
    const group = fakeGroup({
      'cpu.stat': 'nr_periods 2000\n  nr_throttled 200\n\tthrottled_time 18446744073709551615',
    });
    expect(statsOf(group, cpu).cpu?.throttling).toEqual({
      periods: 2000n,
      throttledPeriods: 200n,
      throttledTimeNs: 18446744073709551615n,
    });
  });

  it('has nothing without cpu.stat', () => {
    expect(statsOf(fakeGroup(), cpu)).toEqual({});
  });

  it('refuses a word for a number, and names the file', () => {
    const group = fakeGroup({ 'cpu.stat': 'nr_periods 2000\nnr_throttled 200\nthrottled_time fortytwo' });
    const error = catchError(() => statsOf(group, cpu));
    expect(error).toMatchObject({ code: 'ERR_CGROUP_PARSE', path: group.path, file: 'cpu.stat' });
    expect(error.message).toContain('"fortytwo" is not an integer');
  });

  it('counts ticks of 10 ms', () => {
    const files = {
      'cpuacct.usage': '12345\n',
      'cpuacct.stat': 'user 3\nsystem 4\n',
      'cpuacct.usage_percpu': '5 7340 \n',
    };
    expect(statsOf(fakeGroup(files), cpuacct).cpu?.usage).toEqual({
      totalNs: 12345n,
      perCpuNs: [5n, 7340n],
      userNs: 30_000_000n,
      kernelNs: 40_000_000n,
    });
  });
});

const usage = (prefix: string, used: string, most: string, failed: string) => ({
  [`${prefix}.usage_in_bytes`]: used,
  [`${prefix}.max_usage_in_bytes`]: most,
  [`${prefix}.failcnt`]: failed,
});

const memoryFiles: Readonly<Record<string, string>> = {
  'memory.stat': 'cache 512\nrss 1024',
  ...usage('memory', '2048\n', '4096\n', '100\n'),
  ...usage('memory.memsw', '2048\n', '4096\n', '100\n'),
  ...usage('memory.kmem', '2048\n', '4096\n', '100\n'),
};

describe('memory', () => {
  it('reads all three kinds', () => {
    const kind = { usage: 2048n, maxUsage: 4096n, failcnt: 100n };
    expect(statsOf(fakeGroup(memoryFiles), memory).memory).toEqual({
      cache: 512n,
      usage: kind,
      swapUsage: kind,
      kernelUsage: kind,
      stats: { cache: 512n, rss: 1024n },
    });
  });

  it('has nothing without memory.stat', () => {
    const { 'memory.stat': _, ...others } = memoryFiles;
    expect(statsOf(fakeGroup(others), memory)).toEqual({});
  });

  it.each(['memory.usage_in_bytes', 'memory.max_usage_in_bytes', 'memory.failcnt'])('needs %s', (file) => {
    const { [file]: _, ...others } = memoryFiles;
    expect(catchError(() => statsOf(fakeGroup(others), memory))).toMatchObject({ file, errno: 'ENOENT' });
  });

  it.each([
    ['memory.stat', 'rss rss'],
    ['memory.stat', 'rss 1 2'],
    ['memory.usage_in_bytes', 'bad'],
    ['memory.max_usage_in_bytes', 'bad'],
  ])('refuses %s with %j', (file, text) => {
    const error = catchError(() => statsOf(fakeGroup({ ...memoryFiles, [file]: text }), memory));
    expect(error).toMatchObject({ code: 'ERR_CGROUP_PARSE', file });
    expect(error.message).toContain(`failed to parse ${file} - `);
  });
});

const hugeFiles: Readonly<Record<string, string>> = {
  'hugetlb.2MB.usage_in_bytes': '128\n',
  'hugetlb.2MB.max_usage_in_bytes': '256\n',
  'hugetlb.2MB.failcnt': '100\n',
};

describe('hugetlb', () => {
  it('reads every size', () => {
    expect(statsOf(fakeGroup(hugeFiles), hugetlb).hugetlb).toEqual({
      '2MB': { usage: 128n, maxUsage: 256n, failcnt: 100n },
    });
  });

  it.each(Object.keys(hugeFiles))('needs %s', (file) => {
    const { [file]: _, ...others } = hugeFiles;
    expect(catchError(() => statsOf(fakeGroup(others), hugetlb))).toMatchObject({ file, errno: 'ENOENT' });
  });

  it.each(Object.keys(hugeFiles))('refuses %s that is no number', (file) => {
    const group = fakeGroup({ ...hugeFiles, [file]: 'bad' });
    expect(catchError(() => statsOf(group, hugetlb))).toMatchObject({ file, code: 'ERR_CGROUP_PARSE' });
  });
});

it('reads pids and rdma', () => {
  const files = { 'pids.current': '3\n', 'pids.max': 'max\n', 'pids.events': 'max 7\n', 'pids.peak': '9\n' };
  expect(statsOf(fakeGroup(files), pids).pids).toEqual({ current: 3n, limit: undefined, peak: 9n, failures: 7n });
  const rdmaFiles = {
    'rdma.current': 'mlx4_0 hca_handle=2 hca_object=3\n',
    'rdma.max': 'mlx4_0 hca_handle=5 hca_object=max\n',
  };
  expect(statsOf(fakeGroup(rdmaFiles), rdma).rdma).toEqual({
    mlx4_0: { hcaHandles: 2n, hcaObjects: 3n, hcaHandlesLimit: 5n, hcaObjectsLimit: undefined },
  });
});

function catchError(action: () => unknown): CgroupError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(CgroupError);
    return error as CgroupError;
  }
  throw new Error('nothing was thrown');
}

import { expect, it } from 'vitest';
import { fakeGroup, statsOf } from '../testing/fake.ts';
import { cpu } from './cpu.ts';
import { hugetlb } from './hugetlb.ts';
import { io, parseIoStat } from './io.ts';
import { memory } from './memory.ts';
import { misc } from './misc.ts';
import { readPressure } from './pressure.ts';

it('counts cpu time in nanoseconds', () => {
  const stat =
    'usage_usec 5\nuser_usec 2\nsystem_usec 3\nnr_periods 7\nnr_throttled 1\nthrottled_usec 18446744073709551\nnr_bursts 2\nburst_usec 4\n';
  expect(statsOf(fakeGroup({ 'cpu.stat': stat }), cpu).cpu).toEqual({
    usage: { totalNs: 5000n, userNs: 2000n, kernelNs: 3000n },
    throttling: { periods: 7n, throttledPeriods: 1n, throttledTimeNs: 18446744073709551000n },
    bursts: { count: 2n, timeNs: 4000n },
  });
  expect(statsOf(fakeGroup({ 'cpu.stat': 'usage_usec 5\nuser_usec 2\nsystem_usec 3\n' }), cpu).cpu).toEqual({
    usage: { totalNs: 5000n, userNs: 2000n, kernelNs: 3000n },
  });
});

it('counts memory, and swap with it as v1 does', () => {
  const files = {
    'memory.stat': 'anon 1\nfile 512\n',
    'memory.current': '2048\n',
    'memory.peak': '4096\n',
    'memory.max': '8192\n',
    'memory.events': 'low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n',
    'memory.swap.current': '10\n',
    'memory.swap.max': 'max\n',
    'memory.swap.events': 'high 0\nmax 3\nfail 0\n',
  };
  expect(statsOf(fakeGroup(files), memory).memory).toEqual({
    cache: 512n,
    usage: { usage: 2048n, maxUsage: 4096n, limit: 8192n, failcnt: 9n },
    swapOnlyUsage: { usage: 10n, maxUsage: undefined, limit: undefined, failcnt: 3n },
    swapUsage: { usage: 2058n, maxUsage: undefined, limit: undefined, failcnt: 3n },
    stats: { anon: 1n, file: 512n },
    events: { low: 0n, high: 0n, max: 9n, oom: 1n, oom_kill: 1n },
  });
  expect(statsOf(fakeGroup(), memory)).toEqual({});
});

it('counts io as v1 does, and as it is', () => {
  const text = '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0 cost.vrate=100.00\n8:16 \n';
  const device = { major: 8n, minor: 0n };
  expect(statsOf(fakeGroup({ 'io.stat': text }), io).blkio).toMatchObject({
    serviceBytes: [
      { ...device, op: 'Read', value: 1n },
      { ...device, op: 'Write', value: 2n },
      { ...device, op: 'Discard', value: 0n },
    ],
    serviced: [{ value: 3n }, { value: 4n }, { value: 0n }],
    devices: { '8:0': { rbytes: 1n, wbytes: 2n, rios: 3n, wios: 4n, dbytes: 0n, dios: 0n } },
  });
});

it('takes bare devices before a line of io.stat, and refuses a line without one', () => {
  expect([...parseIoStat('253:0 8:0 rbytes=1\n').keys()]).toEqual(['8:0']);
  expect(() => parseIoStat('rbytes=1')).toThrow('has no major:minor');
  expect(() => parseIoStat('8:0 rbytes=x')).toThrow('"x" is not an integer');
});

it('reads huge pages, misc and pressure', () => {
  const group = fakeGroup({
    'hugetlb.2MB.current': '5\n',
    'hugetlb.2MB.events': 'max 2\n',
    'misc.current': 'res_a 3\n',
    'misc.max': 'res_a max\n',
    'misc.events': 'res_a.max 1\n',
    'memory.pressure':
      'some avg10=1.50 avg60=0.20 avg300=0.00 total=123\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=45\n',
  });
  expect(statsOf(group, hugetlb).hugetlb).toEqual({ '2MB': { usage: 5n, failcnt: 2n } });
  expect(statsOf(group, misc).misc).toEqual({ res_a: { current: 3n, limit: undefined, events: 1n } });
  const into = {};
  readPressure(group, into);
  expect(into).toEqual({
    memory: {
      pressure: {
        some: { avg10: 1.5, avg60: 0.2, avg300: 0, totalUs: 123n },
        full: { avg10: 0, avg60: 0, avg300: 0, totalUs: 45n },
      },
    },
  });
});

import { expect, it } from 'vitest';
import { statsToJson } from './json.ts';
import { noBlkioEntries } from './stats.ts';

it('has the keys of libcontainer, and integers that no double could hold', () => {
  const entry = { major: 8n, minor: 0n, op: 'Read', value: 1n };
  const text = statsToJson({
    cpu: {
      usage: { totalNs: 18446744073709551615n, perCpuNs: [1n, 2n], kernelNs: 0n, userNs: 5n },
      throttling: { periods: 1n, throttledPeriods: 2n, throttledTimeNs: 3n },
    },
    memory: { cache: 1n, usage: { usage: 2n, maxUsage: 3n, failcnt: 0n }, stats: { rss: 9007199254740993n } },
    blkio: { ...noBlkioEntries, serviceBytes: [entry], queued: [entry], sectors: [{ ...entry, op: '' }] },
    hugetlb: { '2MB': { usage: 1n, maxUsage: 2n, failcnt: 3n } },
    pids: { current: 4n, limit: undefined },
  });
  expect(text).toBe(
    '{"cpu_stats":{"cpu_usage":{"total_usage":18446744073709551615,"percpu_usage":[1,2],"usage_in_kernelmode":0,"usage_in_usermode":5},' +
      '"throttling_data":{"periods":1,"throttled_periods":2,"throttled_time":3}},' +
      '"memory_stats":{"cache":1,"usage":{"usage":2,"max_usage":3,"failcnt":0},"stats":{"rss":9007199254740993}},' +
      '"pids_stats":{"current":4},' +
      '"blkio_stats":{"io_service_bytes_recursive":[{"major":8,"minor":0,"op":"Read","value":1}],' +
      '"io_queue_recursive":[{"major":8,"minor":0,"op":"Read","value":1}],' +
      '"sectors_recursive":[{"major":8,"minor":0,"value":1}]},' +
      '"hugetlb_stats":{"2MB":{"usage":1,"max_usage":2,"failcnt":3}}}',
  );
});

it('indents as JSON.stringify does', () => {
  const stats = { pids: { current: 4n }, hugetlb: {} };
  const object = { pids_stats: { current: 4 }, hugetlb_stats: {} };
  expect(statsToJson(stats, 2)).toBe(JSON.stringify(object, undefined, 2));
});

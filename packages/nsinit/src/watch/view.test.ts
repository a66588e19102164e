import { describe, expect, it } from 'vitest';
import type { Rates } from './sample.ts';
import { bar, size, viewOf } from './view.ts';

describe('a bar', () => {
  it.each([
    [0, ''],
    [1, '█'.repeat(24)],
    [7, '█'.repeat(24)],
    [-1, ''],
    [0.5, '█'.repeat(12)],
    [1 / 192, '▏'],
    [15 / 192, '█▉'],
  ])('of %d is %s, and always as wide', (share, full) => {
    expect(bar(share)).toBe(full.padEnd(24, '·'));
  });
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1024, '1.0 KiB'],
  [12.4 * 2 ** 20, '12.4 MiB'],
  [999 * 2 ** 20, '999 MiB'],
  [1000 * 2 ** 20, '1.0 GiB'],
  [2 ** 62, '4096 PiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

const idle: Rates = { cpus: undefined, throttled: undefined, read: undefined, written: undefined, interfaces: {} };

describe('a view', () => {
  it('has a line for each subject', () => {
    const line = { avg10: 1.5, avg60: 0, avg300: 0, totalUs: 0n };
    const stats = {
      interfaces: [],
      cgroupStats: {
        cpu: { pressure: { some: line } },
        memory: {
          usage: { usage: 16n << 20n, maxUsage: 24n << 20n, failcnt: 0n, limit: 64n << 20n },
          events: { oom_kill: 2n },
        },
        pids: { current: 3n, limit: 12n },
      },
    };
    const rates: Rates = {
      cpus: 0.25,
      throttled: 0.125,
      read: { bytes: 2 ** 20, operations: 3 },
      written: { bytes: 0, operations: 0 },
      interfaces: { eth0: { received: 2048, sent: 10 } },
    };
    expect(viewOf('nsinit', { atNs: 0n, stats }, rates, { cpus: 0.5 })).toEqual([
      'nsinit',
      'cpu      ████████████············  25.0 % of 50 %, held back in 12.5 % of the periods',
      'memory   ██████··················  16.0 MiB of 64.0 MiB, at most 24.0 MiB',
      'pids     ██████··················  3 of 12',
      'io       1.0 MiB/s read (3/s), 0 B/s written (0/s)',
      'eth0     2.0 KiB/s received, 10 B/s sent',
      'waiting  cpu 1.5 % of the last 10 s',
      'killed   2 for want of memory',
    ]);
  });

  it('leaves out what the host does not count, and limits that are none', () => {
    const usage = { usage: 1024n, failcnt: 0n, limit: (1n << 63n) - 4096n };
    const stats = { interfaces: [], cgroupStats: { memory: { usage }, pids: { current: 1n } } };
    expect(viewOf('x', { atNs: 0n, stats }, idle, { cpus: 2 })).toEqual([
      'x',
      'memory  ························  1.0 KiB',
      'pids    ························  1',
    ]);
    expect(viewOf('x', { atNs: 0n, stats: { interfaces: [], cgroupStats: {} } }, idle, { cpus: 2 })).toEqual(['x']);
  });
});

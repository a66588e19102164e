import type { ContainerStats } from '@nsinit/libcontainer';
import { expect, it } from 'vitest';
import { ratesOf, type Sample } from './sample.ts';

const none = { queued: [], serviceTime: [], waitTime: [], merged: [], time: [], sectors: [] };
const entry = (minor: bigint, op: string, value: bigint) => ({ major: 254n, minor, op, value });

const sample = (atNs: bigint, scale: bigint): Sample => ({
  atNs,
  stats: {
    interfaces: [
      {
        ...{ name: 'eth0', rxPackets: 0n, rxErrors: 0n, rxDropped: 0n, txPackets: 0n, txErrors: 0n, txDropped: 0n },
        rxBytes: 1000n * scale,
        txBytes: 500n * scale,
      },
    ],
    cgroupStats: {
      cpu: {
        usage: { totalNs: 3_000_000_000n * scale, kernelNs: 0n, userNs: 0n },
        throttling: { periods: 20n * scale, throttledPeriods: 5n * scale, throttledTimeNs: 0n },
      },
      blkio: {
        ...none,
        serviceBytes: [entry(0n, 'Read', 4096n * scale), entry(16n, 'Read', 4096n * scale), entry(0n, 'Write', 0n)],
        serviced: [entry(0n, 'Read', scale), entry(16n, 'Read', scale), entry(0n, 'Write', 0n)],
      },
    },
  } satisfies ContainerStats,
});

it('are per second, of all disks together', () => {
  expect(ratesOf(sample(0n, 1n), sample(2_000_000_000n, 2n))).toEqual({
    cpus: 1.5,
    throttled: 0.25,
    read: { bytes: 4096, operations: 1 },
    written: { bytes: 0, operations: 0 },
    interfaces: { eth0: { received: 500, sent: 250 } },
  });
});

it('are nothing for counters that went back, and absent for what is not counted', () => {
  expect(ratesOf(sample(0n, 2n), sample(1_000_000_000n, 1n))).toMatchObject({
    cpus: 0,
    throttled: undefined,
    interfaces: { eth0: { received: 0, sent: 0 } },
  });
  const empty: Sample = { atNs: 0n, stats: { interfaces: [], cgroupStats: {} } };
  expect(ratesOf(empty, { ...empty, atNs: 1n })).toEqual({
    cpus: undefined,
    throttled: undefined,
    read: undefined,
    written: undefined,
    interfaces: {},
  });
});

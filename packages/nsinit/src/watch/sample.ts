import type { ContainerStats } from '@nsinit/libcontainer';

/** What was counted at one moment. */
export interface Sample {
  /** In nanoseconds, from any beginning. */
  readonly atNs: bigint;
  readonly stats: ContainerStats;
}

/** What the configuration and the host say about limits that the counters do not tell. */
export interface Bounds {
  /** CPUs that may be used at once: by the quota, else all of the host. */
  readonly cpus: number;
}

/** Bytes and operations a second. */
export interface Flow {
  readonly bytes: number;
  readonly operations: number;
}

/** What happened between two samples, each second. What the host does not count is undefined. */
export interface Rates {
  /** CPUs in use: 1.5 is one and a half. */
  readonly cpus: number | undefined;
  /** Share of periods in which the quota held it back, 0 to 1. */
  readonly throttled: number | undefined;
  readonly read: Flow | undefined;
  readonly written: Flow | undefined;
  /** By name of the interface. */
  readonly interfaces: Readonly<Record<string, { readonly received: number; readonly sent: number }>>;
}

/** The rates between two samples; a counter that went back, since its group is another one, counts as nothing. */
export function ratesOf(before: Sample, after: Sample): Rates {
  const seconds = Number(after.atNs - before.atNs) / 1e9;
  const each = (old: bigint | undefined, now: bigint | undefined): number | undefined =>
    old === undefined || now === undefined || seconds <= 0 ? undefined : Math.max(0, Number(now - old)) / seconds;
  const [old, now] = [before.stats.cgroupStats, after.stats.cgroupStats];
  const used = each(old.cpu?.usage?.totalNs, now.cpu?.usage?.totalNs);
  const periods = each(old.cpu?.throttling?.periods, now.cpu?.throttling?.periods);
  const held = each(old.cpu?.throttling?.throttledPeriods, now.cpu?.throttling?.throttledPeriods);
  const flow = (op: 'Read' | 'Write'): Flow | undefined => {
    const bytes = each(sumOf(old, 'serviceBytes', op), sumOf(now, 'serviceBytes', op));
    const operations = each(sumOf(old, 'serviced', op), sumOf(now, 'serviced', op));
    return bytes === undefined || operations === undefined ? undefined : { bytes, operations };
  };
  return {
    cpus: used === undefined ? undefined : used / 1e9,
    throttled: periods && held !== undefined ? held / periods : undefined,
    read: flow('Read'),
    written: flow('Write'),
    interfaces: Object.fromEntries(
      after.stats.interfaces.map(({ name, rxBytes, txBytes }) => {
        const first = before.stats.interfaces.find((other) => other.name === name);
        return [name, { received: each(first?.rxBytes, rxBytes) ?? 0, sent: each(first?.txBytes, txBytes) ?? 0 }];
      }),
    ),
  };
}

/** Of all disks together; undefined: the host does not count. */
function sumOf(
  stats: ContainerStats['cgroupStats'],
  list: 'serviceBytes' | 'serviced',
  op: string,
): bigint | undefined {
  if (!stats.blkio) return undefined;
  let sum = 0n;
  for (const entry of stats.blkio[list]) if (entry.op === op) sum += entry.value;
  return sum;
}

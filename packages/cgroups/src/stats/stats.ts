/** CPU time of one group. */
export interface CpuUsage {
  /** In nanoseconds. */
  readonly totalNs: bigint;
  /** In nanoseconds, by CPU number; undefined on v2. */
  readonly perCpuNs?: readonly bigint[] | undefined;
  /** In nanoseconds. On v1 a multiple of the clock tick of 10 ms. */
  readonly kernelNs: bigint;
  /** In nanoseconds. On v1 a multiple of the clock tick of 10 ms. */
  readonly userNs: bigint;
}

/** What a CPU quota did. */
export interface CpuThrottling {
  /** Periods that have passed. */
  readonly periods: bigint;
  /** Those in which the group was held back. */
  readonly throttledPeriods: bigint;
  /** Time that it was held back, of all its threads together, in nanoseconds. */
  readonly throttledTimeNs: bigint;
}

/** How saved-up CPU time was used. Kernel 5.16 */
export interface CpuBursts {
  readonly count: bigint;
  /** In nanoseconds. */
  readonly timeNs: bigint;
}

/** One line of a pressure file: shares of time that was lost by waiting. Documentation/accounting/psi.rst */
export interface PressureLine {
  /** Percent over the last 10 seconds. */
  readonly avg10: number;
  /** Percent over the last 60 seconds. */
  readonly avg60: number;
  /** Percent over the last 300 seconds. */
  readonly avg300: number;
  /** In microseconds, since the group was made. */
  readonly totalUs: bigint;
}

/** Pressure stall information of one resource: kernel 4.20 with CONFIG_PSI, where it is switched on. */
export interface Pressure {
  /** At least one task waited. */
  readonly some?: PressureLine;
  /** All tasks waited at once. */
  readonly full?: PressureLine;
}

/** CPU counters; what the host does not offer is absent, here as in every part. */
export interface CpuStats {
  readonly usage?: CpuUsage;
  readonly throttling?: CpuThrottling;
  readonly bursts?: CpuBursts;
  readonly pressure?: Pressure;
}

/** Use of one kind of memory. */
export interface MemoryUsage {
  /** In bytes. */
  readonly usage: bigint;
  /** The most it ever was, in bytes; undefined: the kernel does not tell (v2 before 5.19). */
  readonly maxUsage?: bigint | undefined;
  /** How often the limit was hit. */
  readonly failcnt: bigint;
  /** In bytes; undefined: there is none (v2) or the kernel does not tell. v1 shows a number near 2^63 for none. */
  readonly limit?: bigint | undefined;
}

/** Memory counters. */
export interface MemoryStats {
  /** Page cache in bytes. */
  readonly cache?: bigint;
  readonly usage?: MemoryUsage;
  /** v1: memory and swap together; v2: both added up, as v1 has it. */
  readonly swapUsage?: MemoryUsage;
  /** v2: swap alone, as its files have it. */
  readonly swapOnlyUsage?: MemoryUsage;
  /** v1 only. */
  readonly kernelUsage?: MemoryUsage;
  /** v1 only. */
  readonly kernelTcpUsage?: MemoryUsage;
  /** memory.stat, every line. */
  readonly stats?: Readonly<Record<string, bigint>>;
  /** v2: memory.events; v1: oom_kill of memory.oom_control (kernel 4.13). */
  readonly events?: Readonly<Record<string, bigint>>;
  readonly pressure?: Pressure;
}

/** A counter of block I/O. */
export interface BlkioEntry {
  readonly major: bigint;
  readonly minor: bigint;
  /** `Read`, `Write`, `Sync`, `Async`, `Discard`, `Total`; empty for counters that do not tell them apart. */
  readonly op: string;
  readonly value: bigint;
}

/** Block I/O counters of v1; on v2 the first two are filled from io.stat. */
export interface BlkioStats {
  readonly serviceBytes: readonly BlkioEntry[];
  readonly serviced: readonly BlkioEntry[];
  readonly queued: readonly BlkioEntry[];
  readonly serviceTime: readonly BlkioEntry[];
  readonly waitTime: readonly BlkioEntry[];
  readonly merged: readonly BlkioEntry[];
  readonly time: readonly BlkioEntry[];
  readonly sectors: readonly BlkioEntry[];
  /** v2: io.stat by `major:minor`, every key. */
  readonly devices?: Readonly<Record<string, Readonly<Record<string, bigint>>>>;
  readonly pressure?: Pressure;
}

/** Use of one huge page size. */
export interface HugetlbStats {
  /** In bytes. */
  readonly usage: bigint;
  /** In bytes; undefined on v2, which does not tell. */
  readonly maxUsage?: bigint | undefined;
  /** How often the limit was hit. */
  readonly failcnt: bigint;
}

/** Number of processes and threads. */
export interface PidsStats {
  readonly current: bigint;
  /** undefined: no limit. */
  readonly limit?: bigint | undefined;
  /** The most there ever were; undefined before kernel 6.1. */
  readonly peak?: bigint | undefined;
  /** How often a new one was refused; undefined: the kernel does not tell. */
  readonly failures?: bigint | undefined;
}

/** Use of one RDMA device. */
export interface RdmaStats {
  readonly hcaHandles: bigint;
  readonly hcaObjects: bigint;
  /** undefined: no limit. */
  readonly hcaHandlesLimit?: bigint | undefined;
  /** undefined: no limit. */
  readonly hcaObjectsLimit?: bigint | undefined;
}

/** Use of one scalar resource of the misc controller. Kernel 5.13 */
export interface MiscStats {
  readonly current: bigint;
  /** undefined: no limit. */
  readonly limit?: bigint | undefined;
  /** How often the limit was hit; undefined: the kernel does not tell. */
  readonly events?: bigint | undefined;
}

/** Counters of a group. A controller that the group has not is absent. */
export interface Stats {
  readonly cpu?: CpuStats;
  readonly memory?: MemoryStats;
  readonly blkio?: BlkioStats;
  /** By page size: `2MB`. */
  readonly hugetlb?: Readonly<Record<string, HugetlbStats>>;
  readonly pids?: PidsStats;
  /** By device. */
  readonly rdma?: Readonly<Record<string, RdmaStats>>;
  /** By resource. */
  readonly misc?: Readonly<Record<string, MiscStats>>;
}

/** Stats while they are put together: each controller adds its own. */
export type StatsBuilder = { -readonly [K in keyof Stats]: Stats[K] };

/** The eight lists, all empty. */
export const noBlkioEntries: BlkioStats = {
  serviceBytes: [],
  serviced: [],
  queued: [],
  serviceTime: [],
  waitTime: [],
  merged: [],
  time: [],
  sectors: [],
};

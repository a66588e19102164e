/** A 64-bit integer: a number while it is exact, a bigint beyond. */
export type Int64 = number | bigint;

/** A rule about device nodes; see {@link Resources.allowedDevices}. */
export interface DeviceRule {
  /** `c` and `u`: character devices, `b`: block devices, `a`: every device, `p`: FIFOs, which no rule can be about. */
  readonly type: 'a' | 'b' | 'c' | 'u' | 'p';
  /** Major number; -1: all. */
  readonly major: number;
  /** Minor number; -1: all. */
  readonly minor: number;
  /** Some of `r`, `w` and `m` (mknod). */
  readonly permissions: string;
}

/** One entry of an ordered list of rules, as the runtime specification has them: a later one wins. */
export interface OrderedDeviceRule extends DeviceRule {
  /** Whether the devices may be used or may not. */
  readonly allow: boolean;
}

/** Limit of one huge page size. */
export interface HugepageLimit {
  /** Page size as the kernel names it: `2MB`, `1GB`. */
  readonly pageSize: string;
  /** In bytes; -1: no limit. */
  readonly limit: Int64;
}

/** Priority of the traffic that leaves by one interface. */
export interface InterfacePriority {
  readonly interface: string;
  /** 0 is the lowest. */
  readonly priority: number;
}

/** Limits of one RDMA device. */
export interface RdmaLimit {
  /** Name of the device: `mlx5_0`. */
  readonly device: string;
  /** Number of handles; undefined: the limit stays, -1: none. */
  readonly hcaHandles?: number;
  /** Number of objects; undefined: the limit stays, -1: none. */
  readonly hcaObjects?: number;
}

/** The two states of a freezer. */
export const freezerStates = ['FROZEN', 'THAWED'] as const;

/** One of {@link freezerStates}. */
export type FreezerState = (typeof freezerStates)[number];

/**
 * Limits of a group. A field that is undefined is not written: the kernel's value (mostly that of the parent) stays.
 * Numbers of 0 count as undefined too where 0 is no limit that somebody can mean (shares, quotas, weights, memory). On
 * cgroup v2 the values are converted as other runtimes do it; see each field.
 */
export interface Resources {
  /** True: every device may be used except {@link deniedDevices}; false: none but {@link allowedDevices}. */
  readonly allowAllDevices?: boolean;
  readonly allowedDevices?: readonly DeviceRule[];
  readonly deniedDevices?: readonly DeviceRule[];
  /** Rules in order instead of the three above; nothing may be used that no rule allows. */
  readonly devices?: readonly OrderedDeviceRule[];

  /** Memory limit in bytes; -1: none. v2: memory.max */
  readonly memory?: Int64;
  /** Soft memory limit in bytes; -1: none. v2: memory.low */
  readonly memoryReservation?: Int64;
  /** Limit of memory and swap together in bytes; -1: none. v2: memory.swap.max, from which {@link memory} is taken off */
  readonly memorySwap?: Int64;
  /** Kernel memory limit in bytes. The kernel ignores it since 5.16 and v2 does not have it. */
  readonly kernelMemory?: Int64;
  /** Limit of TCP buffers in bytes. v1 only. */
  readonly kernelMemoryTcp?: Int64;
  /** True: processes wait when memory is out instead of being killed. v1 only. */
  readonly oomKillDisable?: boolean;
  /** Tendency to swap, 0 to 100; -1: as undefined. v1 only. */
  readonly memorySwappiness?: Int64;
  /** Refuse a memory limit below what is used now, instead of letting the kernel reclaim or kill. */
  readonly memoryCheckBeforeUpdate?: boolean;

  /** Relative weight of CPU time, 2 to 262144; 1024 is the kernel's default. v2: cpu.weight, see {@link cpuWeightOf} */
  readonly cpuShares?: Int64;
  /** CPU time in microseconds in each {@link cpuPeriod}; -1: no limit. v2: cpu.max */
  readonly cpuQuota?: Int64;
  /** Period of the quota in microseconds, 1000 to 1000000. */
  readonly cpuPeriod?: Int64;
  /** Unused CPU time in microseconds that may be saved up. Kernel 5.14 */
  readonly cpuBurst?: Int64;
  /** Real-time CPU time in microseconds in each {@link cpuRtPeriod}. v1 only. */
  readonly cpuRtRuntime?: Int64;
  /** Period of real-time scheduling in microseconds. v1 only. */
  readonly cpuRtPeriod?: Int64;
  /** 1: run only when no other group wants to; 0: as any group. Kernel 5.15 */
  readonly cpuIdle?: Int64;
  /** CPUs that may be used: `0-2,7`. */
  readonly cpusetCpus?: string;
  /** Memory nodes that may be used: `0`. */
  readonly cpusetMems?: string;

  /** Number of processes and threads; -1: no limit, 0: no new one. */
  readonly pidsLimit?: Int64;

  /** Relative weight of block I/O, 10 to 1000. v2: io.bfq.weight, or io.weight, see {@link ioWeightOf} */
  readonly blkioWeight?: Int64;
  /** Weight against the group's own children, 10 to 1000. v1 only. */
  readonly blkioLeafWeight?: Int64;
  /** Weight of single devices, lines of `major:minor weight`. */
  readonly blkioWeightDevice?: string;
  /** Read limits, lines of `major:minor bytes-per-second`; 0: none. */
  readonly blkioThrottleReadBpsDevice?: string;
  /** Write limits, lines of `major:minor bytes-per-second`; 0: none. */
  readonly blkioThrottleWriteBpsDevice?: string;
  /** Read limits, lines of `major:minor operations-per-second`; 0: none. */
  readonly blkioThrottleReadIopsDevice?: string;
  /** Write limits, lines of `major:minor operations-per-second`; 0: none. */
  readonly blkioThrottleWriteIopsDevice?: string;

  readonly hugetlbLimit?: readonly HugepageLimit[];
  readonly rdma?: readonly RdmaLimit[];
  /** Priorities of outgoing traffic. v1 only. */
  readonly netPrioIfpriomap?: readonly InterfacePriority[];
  /** Class id of outgoing traffic, as text: `0x100001`. v1 only. */
  readonly netClsClassid?: string;
  /** State in which the group's processes are put. */
  readonly freezer?: FreezerState;
  /** Files of cgroup v2 and what is written to them, after everything else, so that they win. v2 only. */
  readonly unified?: Readonly<Record<string, string>>;
}

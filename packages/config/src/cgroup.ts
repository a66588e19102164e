import type { DeviceRule } from './device.ts';
import type { Int64 } from './integers.ts';

/** State of the freezer cgroup. */
export const FREEZER_STATES = ['FROZEN', 'THAWED'] as const;

/** One of {@link FREEZER_STATES}. */
export type FreezerState = (typeof FREEZER_STATES)[number];

/** Limit of one huge page size. */
export interface HugepageLimit {
  /** Page size as the kernel names it (`2MB`, `1GB`). */
  readonly pageSize: string;
  /** Limit in bytes. */
  readonly limit: Int64;
}

/** Priority of the traffic that leaves by one interface. */
export interface IfPrioMap {
  /** Interface of the host. */
  readonly interface: string;
  /** Priority, 0 is the lowest. */
  readonly priority: number;
}

/** Limits of one RDMA device. */
export interface RdmaLimit {
  /** Name of the device (`mlx5_0`). */
  readonly device: string;
  /** Number of handles; undefined: the limit stays, -1: none. */
  readonly hcaHandles?: number;
  /** Number of objects; undefined: the limit stays, -1: none. */
  readonly hcaObjects?: number;
}

/**
 * The control groups of the container and their limits. A field that is undefined is not written, so the kernel's
 * value (mostly that of the parent) stays.
 */
export interface Cgroup {
  /** Name of the own group, the last part of its path. */
  readonly name?: string;
  /** Parent: absolute from the hierarchy's root, relative below the group of the process that starts containers. */
  readonly parent?: string;
  /** True: every device may be used except {@link Cgroup.deniedDevices}. */
  readonly allowAllDevices?: boolean;
  /** Devices that may be used when not all may. */
  readonly allowedDevices?: readonly DeviceRule[];
  /** Devices that may not be used when {@link Cgroup.allowAllDevices} is set. */
  readonly deniedDevices?: readonly DeviceRule[];
  /** Memory limit in bytes. */
  readonly memory?: Int64;
  /** Soft memory limit in bytes. */
  readonly memoryReservation?: Int64;
  /** Limit of memory and swap together, in bytes; -1: no limit. */
  readonly memorySwap?: Int64;
  /** Kernel memory limit in bytes. */
  readonly kernelMemory?: Int64;
  /** Limit of TCP buffers in bytes (cgroup v1). */
  readonly kernelMemoryTcp?: Int64;
  /** True: a memory limit below what is used now is refused, instead of letting the kernel reclaim or kill. */
  readonly memoryCheckBeforeUpdate?: boolean;
  /** True: processes wait when memory is out instead of being killed (cgroup v1). */
  readonly oomKillDisable?: boolean;
  /** Tendency to swap, 0 to 100; undefined and -1: the kernel's value stays. */
  readonly memorySwappiness?: number;
  /** Relative weight of CPU time; 1024 is the kernel's default. */
  readonly cpuShares?: Int64;
  /** CPU time in microseconds that may be used in each {@link Cgroup.cpuPeriod}; -1: no limit. */
  readonly cpuQuota?: Int64;
  /** Period of the quota in microseconds. */
  readonly cpuPeriod?: Int64;
  /** Unused CPU time in microseconds that may be saved up for later periods; kernel 5.14. */
  readonly cpuBurst?: Int64;
  /** 1: runs only when no other group wants to; kernel 5.15. */
  readonly cpuIdle?: number;
  /** Real-time CPU time in microseconds in each {@link Cgroup.cpuRtPeriod}. */
  readonly cpuRtRuntime?: Int64;
  /** Period of real-time scheduling in microseconds. */
  readonly cpuRtPeriod?: Int64;
  /** CPUs that may be used (`0-2,7`). */
  readonly cpusetCpus?: string;
  /** Memory nodes that may be used (`0`). */
  readonly cpusetMems?: string;
  /** Number of processes and threads; -1: no limit, 0: no further one. */
  readonly pidsLimit?: Int64;
  /** Read limits, lines of `major:minor bytes-per-second`. */
  readonly blkioThrottleReadBpsDevice?: string;
  /** Write limits, lines of `major:minor bytes-per-second`. */
  readonly blkioThrottleWriteBpsDevice?: string;
  /** Read limits, lines of `major:minor operations-per-second`. */
  readonly blkioThrottleReadIopsDevice?: string;
  /** Write limits, lines of `major:minor operations-per-second`. */
  readonly blkioThrottleWriteIopsDevice?: string;
  /** Relative weight of block I/O, 10 to 1000. */
  readonly blkioWeight?: number;
  /** Weight against the group's own children, 10 to 1000 (cgroup v1). */
  readonly blkioLeafWeight?: number;
  /** Weight of single devices, lines of `major:minor weight`. */
  readonly blkioWeightDevice?: string;
  /** State in which the container's processes are put. */
  readonly freezer?: FreezerState;
  /** Limits of huge pages. */
  readonly hugetlbLimit?: readonly HugepageLimit[];
  /** Limits of RDMA devices. */
  readonly rdma?: readonly RdmaLimit[];
  /** Files of cgroup v2 and what is written to them, after everything else, so that they win (`{"memory.high": "64M"}`). */
  readonly unified?: Readonly<Record<string, string>>;
  /** systemd slice above the container's scope; undefined: system.slice. */
  readonly slice?: string;
  /** Priorities of outgoing traffic. */
  readonly netPrioIfpriomap?: readonly IfPrioMap[];
  /** Class id of outgoing traffic, as text (`0x100001`). */
  readonly netClsClassid?: string;
}

import { type Cgroup, FREEZER_STATES, type HugepageLimit, type IfPrioMap, type RdmaLimit } from '../cgroup.ts';
import { list, record } from '../codec/collections.ts';
import { defaulted, type Fields, object, optional, required } from '../codec/object.ts';
import { boolean, choice, integer, integer64, string, text } from '../codec/scalars.ts';
import { UINT64_MAX } from '../integers.ts';
import { deviceRule } from './device-table.ts';

/** The original writes 0 for a limit that is not set. */
const limit = integer64({ unset: 0 });

const hugepageFields: Fields<HugepageLimit> = {
  pageSize: required(text, 'Page size as the kernel names it (2MB).'),
  limit: required(integer64({ min: 0, max: UINT64_MAX }), 'Limit in bytes.'),
};

const ifPrioFields: Fields<IfPrioMap> = {
  interface: required(text, 'Interface of the host.'),
  priority: defaulted(integer({ min: 0, max: 0xffff_ffff }), 0, 'Priority, 0 is the lowest.'),
};

const rdmaFields: Fields<RdmaLimit> = {
  device: required(text, 'Name of the device (mlx5_0).'),
  hcaHandles: optional(integer({ min: -1 }), 'Number of handles; -1: no limit.'),
  hcaObjects: optional(integer({ min: -1 }), 'Number of objects; -1: no limit.'),
};

const cgroupFields: Fields<Cgroup> = {
  name: optional(text, 'Name of the own group.'),
  parent: optional(text, "Parent group: absolute from the hierarchy's root, or below the starter's group."),
  allowAllDevices: optional(boolean, 'Every device may be used except the denied ones.'),
  allowedDevices: optional(list(deviceRule), 'Devices that may be used when not all may.'),
  deniedDevices: optional(list(deviceRule), 'Devices that may not be used when all may.'),
  memory: optional(limit, 'Memory limit in bytes.'),
  memoryReservation: optional(limit, 'Soft memory limit in bytes.'),
  memorySwap: optional(limit, 'Limit of memory and swap together in bytes; -1: none.'),
  kernelMemory: optional(limit, 'Kernel memory limit in bytes.'),
  kernelMemoryTcp: optional(limit, 'Limit of TCP buffers in bytes.'),
  memoryCheckBeforeUpdate: optional(boolean, 'A memory limit below what is used now is refused.'),
  oomKillDisable: optional(boolean, 'Processes wait when memory is out instead of being killed.'),
  memorySwappiness: optional(integer(), 'Tendency to swap, 0 to 100; -1: left alone.'),
  cpuShares: optional(limit, 'Relative weight of CPU time.'),
  cpuQuota: optional(limit, 'CPU time in microseconds in each period; -1: no limit.'),
  cpuPeriod: optional(limit, 'Period of the quota in microseconds.'),
  cpuBurst: optional(limit, 'Unused CPU time in microseconds that may be saved up.'),
  cpuIdle: optional(integer({ min: 0, max: 1 }), '1: runs only when no other group wants to.'),
  cpuRtRuntime: optional(limit, 'Real-time CPU time in microseconds in each period.'),
  cpuRtPeriod: optional(limit, 'Period of real-time scheduling in microseconds.'),
  cpusetCpus: optional(text, 'CPUs that may be used (0-2,7).'),
  cpusetMems: optional(text, 'Memory nodes that may be used.'),
  pidsLimit: optional(integer64({ min: -1 }), 'Number of processes and threads; -1: no limit.'),
  blkioThrottleReadBpsDevice: optional(text, 'Read limits: major:minor bytes-per-second.'),
  blkioThrottleWriteBpsDevice: optional(text, 'Write limits: major:minor bytes-per-second.'),
  blkioThrottleReadIopsDevice: optional(text, 'Read limits: major:minor operations-per-second.'),
  blkioThrottleWriteIopsDevice: optional(text, 'Write limits: major:minor operations-per-second.'),
  blkioWeight: optional(integer({ unset: 0 }), 'Relative weight of block I/O, 10 to 1000.'),
  blkioLeafWeight: optional(integer({ unset: 0 }), "Weight against the group's own children, 10 to 1000."),
  blkioWeightDevice: optional(text, 'Weight of single devices: major:minor weight.'),
  freezer: optional(choice(FREEZER_STATES), "State in which the container's processes are put."),
  hugetlbLimit: optional(list(object('HugepageLimit', hugepageFields)), 'Limits of huge pages.'),
  rdma: optional(list(object('RdmaLimit', rdmaFields)), 'Limits of RDMA devices.'),
  unified: optional(record(string), 'Files of cgroup v2 and what is written to them.'),
  slice: optional(text, "systemd slice above the container's scope."),
  netPrioIfpriomap: optional(list(object('IfPrioMap', ifPrioFields)), 'Priorities of outgoing traffic.'),
  netClsClassid: optional(text, 'Class id of outgoing traffic (0x100001).'),
};

/** `cgroups`. */
export const cgroup = object('Cgroup', cgroupFields, { moved: { device_access: 'allow_all_devices' } });

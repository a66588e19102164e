import { CgroupError } from './error.ts';
import { type DeviceRule, freezerStates, type Resources } from './resources.ts';

/** Tells which version's files are meant: whether a controller, by its v1 name, is one of v1 on this host. */
export type IsOnV1 = (controller: string) => boolean;

type NumberField = {
  [K in keyof Resources]-?: number extends Exclude<Resources[K], undefined> ? K : never;
}[keyof Resources];

/** Whole numbers and their ranges, where every kernel agrees; what one takes beyond that it says itself. */
const numbers: Readonly<
  Record<NumberField, readonly [min: bigint, max: bigint | undefined, v1File: string, v2File: string]>
> = {
  memory: [-1n, undefined, 'memory.limit_in_bytes', 'memory.max'],
  memoryReservation: [-1n, undefined, 'memory.soft_limit_in_bytes', 'memory.low'],
  memorySwap: [-1n, undefined, 'memory.memsw.limit_in_bytes', 'memory.swap.max'],
  kernelMemory: [-1n, undefined, 'memory.kmem.limit_in_bytes', 'memory.max'],
  kernelMemoryTcp: [-1n, undefined, 'memory.kmem.tcp.limit_in_bytes', 'memory.max'],
  memorySwappiness: [-1n, 100n, 'memory.swappiness', 'memory.swappiness'],
  cpuShares: [0n, undefined, 'cpu.shares', 'cpu.weight'],
  cpuQuota: [-1n, undefined, 'cpu.cfs_quota_us', 'cpu.max'],
  cpuPeriod: [0n, undefined, 'cpu.cfs_period_us', 'cpu.max'],
  cpuBurst: [0n, undefined, 'cpu.cfs_burst_us', 'cpu.max.burst'],
  cpuRtRuntime: [-1n, undefined, 'cpu.rt_runtime_us', 'cpu.rt_runtime_us'],
  cpuRtPeriod: [0n, undefined, 'cpu.rt_period_us', 'cpu.rt_period_us'],
  cpuIdle: [0n, 1n, 'cpu.idle', 'cpu.idle'],
  pidsLimit: [-1n, undefined, 'pids.max', 'pids.max'],
  blkioWeight: [0n, 1000n, 'blkio.weight', 'io.weight'],
  blkioLeafWeight: [0n, 1000n, 'blkio.leaf_weight', 'io.weight'],
};

/** Fields of lines of `major:minor number`, with the range of the number. */
const deviceLines = {
  blkioWeightDevice: [10n, 1000n, 'blkio.weight_device', 'io.weight'],
  blkioThrottleReadBpsDevice: [0n, undefined, 'blkio.throttle.read_bps_device', 'io.max'],
  blkioThrottleWriteBpsDevice: [0n, undefined, 'blkio.throttle.write_bps_device', 'io.max'],
  blkioThrottleReadIopsDevice: [0n, undefined, 'blkio.throttle.read_iops_device', 'io.max'],
  blkioThrottleWriteIopsDevice: [0n, undefined, 'blkio.throttle.write_iops_device', 'io.max'],
} as const satisfies Partial<Record<keyof Resources, readonly [bigint, bigint | undefined, string, string]>>;

/** The kernel counts in pages, the smallest of which are this large. */
const page = 4096n;

/**
 * Refuses values that cannot be meant, before anything is touched.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID, with field, file and remedy.
 */
export function checkValues(resources: Resources, isOnV1: IsOnV1): void {
  const pick = (v1File: string, v2File: string) => (isOnV1(v1File.slice(0, v1File.indexOf('.'))) ? v1File : v2File);
  for (const [name, [min, max, v1File, v2File]] of entries(numbers))
    checkNumber(name, resources[name], min, max, pick(v1File, v2File));
  const { memory, blkioWeight, blkioLeafWeight } = resources;
  if (memory !== undefined && BigInt(memory) > 0n && BigInt(memory) < page)
    refuse('memory', memory, pick('memory.limit_in_bytes', 'memory.max'), `give at least one page, ${page} bytes`);
  for (const [field, weight] of Object.entries({ blkioWeight, blkioLeafWeight }))
    if (weight !== undefined && BigInt(weight) > 0n && BigInt(weight) < 10n)
      refuse(field, weight, pick('blkio.weight', 'io.weight'), 'give 10 to 1000, or 0 to leave it as it is');
  for (const [name, [min, max, v1File, v2File]] of entries(deviceLines))
    checkDeviceLines(name, resources[name], min, max, pick(v1File, v2File));
  checkLists(resources, pick);
  checkDevices(resources, isOnV1);
}

/** Keys with their types, which Object.entries forgets. */
function entries<K extends string, V>(table: Readonly<Record<K, V>>): readonly (readonly [K, V])[] {
  return Object.entries(table) as [K, V][];
}

function refuse(field: string, value: unknown, file: string, hint: string): never {
  const data = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new CgroupError('ERR_CGROUP_INVALID', `${data} is no value for ${file}`, { field, file, data, hint });
}

function checkNumber(field: string, value: unknown, min: bigint, max: bigint | undefined, file: string): void {
  if (value === undefined) return;
  const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
  if (isWhole && BigInt(value) >= min && (max === undefined || BigInt(value) <= max)) return;
  const range = max === undefined ? `of ${min < 0n ? 0 : min} or more` : `from ${min < 0n ? 0 : min} to ${max}`;
  const beyond = typeof value === 'number' && Number.isInteger(value) && !isWhole ? ', as a bigint beyond 2^53' : '';
  const unset = field === 'memorySwappiness' ? 'as it is' : 'no limit';
  refuse(field, value, file, `give a whole number ${range}${beyond}${min < 0n ? `, or -1: ${unset}` : ''}`);
}

function checkDeviceLines(
  field: string,
  text: string | undefined,
  min: bigint,
  max: bigint | undefined,
  file: string,
): void {
  for (const line of (text ?? '').split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const match = /^\d+:\d+\s+(\d+)$/.exec(line);
    if (match && BigInt(match[1]!) >= min && (max === undefined || BigInt(match[1]!) <= max)) continue;
    const range = max === undefined ? '' : ` from ${min} to ${max}`;
    refuse(field, line, file, `give lines of major:minor and a number${range}, as in "8:0 ${max ?? 1048576}"`);
  }
}

function checkLists(
  { hugetlbLimit, rdma, netPrioIfpriomap, netClsClassid, freezer }: Resources,
  pick: (v1File: string, v2File: string) => string,
): void {
  hugetlbLimit?.forEach(({ pageSize, limit }, index) => {
    const file = pick(`hugetlb.${pageSize}.limit_in_bytes`, `hugetlb.${pageSize}.max`);
    if (!/^\d+[KMGTP]?B$/.test(pageSize))
      refuse(`hugetlbLimit[${index}].pageSize`, pageSize, file, 'give a size as the kernel names it, as in 2MB or 1GB');
    checkNumber(`hugetlbLimit[${index}].limit`, limit, -1n, undefined, file);
  });
  rdma?.forEach(({ hcaHandles, hcaObjects }, index) => {
    checkNumber(`rdma[${index}].hcaHandles`, hcaHandles, -1n, undefined, 'rdma.max');
    checkNumber(`rdma[${index}].hcaObjects`, hcaObjects, -1n, undefined, 'rdma.max');
  });
  netPrioIfpriomap?.forEach(({ interface: name, priority }, index) => {
    if (!/^[^\s/]{1,15}$/.test(name))
      refuse(`netPrioIfpriomap[${index}].interface`, name, 'net_prio.ifpriomap', 'give the name of an interface');
    checkNumber(`netPrioIfpriomap[${index}].priority`, priority, 0n, 0xffff_ffffn, 'net_prio.ifpriomap');
  });
  if (netClsClassid && !/^(0x[0-9a-f]{1,8}|\d+)$/i.test(netClsClassid))
    refuse('netClsClassid', netClsClassid, 'net_cls.classid', 'give a number of 32 bits, as in 0x100001');
  if (freezer !== undefined && !freezerStates.includes(freezer))
    refuse('freezer', freezer, pick('freezer.state', 'cgroup.freeze'), `give ${freezerStates.join(' or ')}`);
}

function checkDevices(resources: Resources, isOnV1: IsOnV1): void {
  const file = isOnV1('devices') ? 'devices.allow' : 'the device program of the group';
  for (const field of ['devices', 'allowedDevices', 'deniedDevices'] as const)
    resources[field]?.forEach((rule: DeviceRule, index) => {
      const { type, major, minor, permissions } = rule;
      const at = `${field}[${index}]`;
      if (!['a', 'b', 'c', 'u', 'p'].includes(type)) refuse(`${at}.type`, type, file, 'a type is a, b, c, u or p');
      checkNumber(`${at}.major`, major, -1n, 0xffff_ffffn, file);
      checkNumber(`${at}.minor`, minor, -1n, 0xffff_ffffn, file);
      if (!/^[rwm]*$/.test(permissions)) refuse(`${at}.permissions`, permissions, file, 'some of r, w and m');
    });
}

import type {
  BlkioEntry,
  BlkioStats,
  CpuStats,
  HugetlbStats,
  MemoryStats,
  MemoryUsage,
  Pressure,
  PressureLine,
  Stats,
} from './stats.ts';

type Json = string | number | bigint | undefined | readonly Json[] | { readonly [key: string]: Json };

/**
 * Stats as JSON with the keys of libcontainer (`cpu_stats`, `memory_stats`, `blkio_stats`, `hugetlb_stats`) and more
 * beside them. Every counter is an exact integer of up to 64 bits: read it with a parser that keeps them.
 *
 * @param indent - as JSON.stringify takes it. Default: one line.
 */
export function statsToJson(stats: Stats, indent = 0): string {
  return write(statsObject(stats), indent, '');
}

/** The object that {@link statsToJson} writes; counters are bigint. */
export function statsObject({ cpu, memory, blkio, hugetlb, pids, rdma, misc }: Stats): {
  readonly [key: string]: Json;
} {
  return {
    cpu_stats: cpu && cpuObject(cpu),
    memory_stats: memory && memoryObject(memory),
    pids_stats: pids && { current: pids.current, limit: pids.limit, peak: pids.peak, failures: pids.failures },
    blkio_stats: blkio && blkioObject(blkio),
    hugetlb_stats: hugetlb && mapValues(hugetlb, hugetlbObject),
    rdma_stats:
      rdma &&
      mapValues(rdma, (device) => ({
        hca_handles: device.hcaHandles,
        hca_objects: device.hcaObjects,
        hca_handles_limit: device.hcaHandlesLimit,
        hca_objects_limit: device.hcaObjectsLimit,
      })),
    misc_stats: misc && mapValues(misc, ({ current, limit, events }) => ({ usage: current, limit, events })),
  };
}

function cpuObject({ usage, throttling, bursts, pressure }: CpuStats): Json {
  return {
    cpu_usage: usage && {
      total_usage: usage.totalNs,
      percpu_usage: usage.perCpuNs,
      usage_in_kernelmode: usage.kernelNs,
      usage_in_usermode: usage.userNs,
    },
    throttling_data: throttling && {
      periods: throttling.periods,
      throttled_periods: throttling.throttledPeriods,
      throttled_time: throttling.throttledTimeNs,
    },
    burst_data: bursts && { bursts: bursts.count, burst_time: bursts.timeNs },
    psi: pressure && pressureObject(pressure),
  };
}

function memoryObject(memory: MemoryStats): Json {
  return {
    cache: memory.cache,
    usage: memory.usage && usageObject(memory.usage),
    swap_usage: memory.swapUsage && usageObject(memory.swapUsage),
    swap_only_usage: memory.swapOnlyUsage && usageObject(memory.swapOnlyUsage),
    kernel_usage: memory.kernelUsage && usageObject(memory.kernelUsage),
    kernel_tcp_usage: memory.kernelTcpUsage && usageObject(memory.kernelTcpUsage),
    stats: memory.stats,
    events: memory.events,
    psi: memory.pressure && pressureObject(memory.pressure),
  };
}

function usageObject({ usage, maxUsage, failcnt, limit }: MemoryUsage): Json {
  return { usage, max_usage: maxUsage, failcnt, limit };
}

function hugetlbObject({ usage, maxUsage, failcnt }: HugetlbStats): Json {
  return { usage, max_usage: maxUsage, failcnt };
}

function pressureObject(pressure: Pressure): Json {
  const line = (value: PressureLine | undefined): Json =>
    value && { avg10: value.avg10, avg60: value.avg60, avg300: value.avg300, total: value.totalUs };
  return { some: line(pressure.some), full: line(pressure.full) };
}

/** The key of queued operations lacks its last letter since 2014; readers count on it. */
function blkioObject(blkio: BlkioStats): Json {
  const list = (entries: readonly BlkioEntry[]): Json => (entries.length === 0 ? undefined : entries.map(entryObject));
  return {
    io_service_bytes_recursive: list(blkio.serviceBytes),
    io_serviced_recursive: list(blkio.serviced),
    io_queue_recursive: list(blkio.queued),
    io_service_time_recursive: list(blkio.serviceTime),
    io_wait_time_recursive: list(blkio.waitTime),
    io_merged_recursive: list(blkio.merged),
    io_time_recursive: list(blkio.time),
    sectors_recursive: list(blkio.sectors),
    devices: blkio.devices,
    psi: blkio.pressure && pressureObject(blkio.pressure),
  };
}

function entryObject({ major, minor, op, value }: BlkioEntry): Json {
  return { major, minor, op: op === '' ? undefined : op, value };
}

function mapValues<T>(record: { readonly [key: string]: T }, map: (value: T) => Json): { [key: string]: Json } {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function write(value: Json, indent: number, margin: string): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object') return JSON.stringify(value);
  const inner = margin + ' '.repeat(indent);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((item) => write(item, indent, inner))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => `${JSON.stringify(key)}:${indent > 0 ? ' ' : ''}${write(item, indent, inner)}`);
  const [open, close] = isList ? ['[', ']'] : ['{', '}'];
  if (indent === 0 || items.length === 0) return `${open}${items.join(',')}${close}`;
  return `${open}\n${inner}${items.join(`,\n${inner}`)}\n${margin}${close}`;
}

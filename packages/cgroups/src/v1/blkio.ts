import { type Controller, type GroupView, given, valueLines } from '../controller.ts';
import type { Group } from '../fs/group.ts';
import { undoLine, type Write } from '../fs/write.ts';
import type { Resources } from '../resources.ts';
import { type BlkioEntry, type BlkioStats, noBlkioEntries } from '../stats/stats.ts';
import { lines, ParseProblem, parseUint } from '../text/parse.ts';

/** The blkio controller: Documentation/admin-guide/cgroup-v1/blkio-controller.rst, block/bfq-iosched.rst */
export const blkio: Controller = {
  name: 'blkio',
  writes: (resources, view) => [...weights(resources, view), ...throttles(resources)],
  stats: (group, into) => {
    const stats = completelyFair(group) ?? budgetFair(group) ?? throttled(group);
    if (stats) into.blkio = stats;
  },
};

/** Since 5.0 weights belong to the bfq scheduler; the old files are those of cfq. */
function weights(resources: Resources, view: GroupView): readonly Write[] {
  const { blkioWeight, blkioLeafWeight, blkioWeightDevice } = resources;
  const named = (file: string) => {
    const bfq = file.replace('blkio.', 'blkio.bfq.');
    return !view.exists(file) && view.exists(bfq) ? bfq : file;
  };
  const writes: Write[] = [];
  if (given(blkioWeight))
    writes.push({ file: named('blkio.weight'), value: String(blkioWeight), field: 'blkioWeight' });
  if (given(blkioLeafWeight))
    writes.push({ file: 'blkio.leaf_weight', value: String(blkioLeafWeight), field: 'blkioLeafWeight' });
  return [...writes, ...perDevice(named('blkio.weight_device'), 'blkioWeightDevice', blkioWeightDevice)];
}

const throttleFiles = {
  blkioThrottleReadBpsDevice: 'blkio.throttle.read_bps_device',
  blkioThrottleWriteBpsDevice: 'blkio.throttle.write_bps_device',
  blkioThrottleReadIopsDevice: 'blkio.throttle.read_iops_device',
  blkioThrottleWriteIopsDevice: 'blkio.throttle.write_iops_device',
} as const;

function throttles(resources: Resources): readonly Write[] {
  const fields = Object.keys(throttleFiles) as (keyof typeof throttleFiles)[];
  return fields.flatMap((field) => perDevice(throttleFiles[field], field, resources[field]));
}

/** The kernel takes one device a write. */
function perDevice(file: string, field: string, value: string | undefined): readonly Write[] {
  return valueLines(value).map((line) => ({
    file,
    value: line,
    field,
    undo: undoLine(line.split(/\s+/)[0] ?? '', (device) => `${device} 0`),
  }));
}

/** The cfq scheduler, gone since kernel 5.0. */
function completelyFair(group: Group): BlkioStats | undefined {
  const serviced = entries(group, 'blkio.io_serviced_recursive');
  const serviceBytes = entries(group, 'blkio.io_service_bytes_recursive');
  if (serviced.length === 0 && serviceBytes.length === 0 && !group.exists('blkio.time_recursive')) return undefined;
  const stats = {
    serviceBytes,
    serviced,
    queued: entries(group, 'blkio.io_queued_recursive'),
    serviceTime: entries(group, 'blkio.io_service_time_recursive'),
    waitTime: entries(group, 'blkio.io_wait_time_recursive'),
    merged: entries(group, 'blkio.io_merged_recursive'),
    time: entries(group, 'blkio.time_recursive'),
    sectors: entries(group, 'blkio.sectors_recursive'),
  };
  return Object.values(stats).some((list) => list.length > 0) ? stats : undefined;
}

function budgetFair(group: Group): BlkioStats | undefined {
  const serviced = entries(group, 'blkio.bfq.io_serviced_recursive');
  const serviceBytes = entries(group, 'blkio.bfq.io_service_bytes_recursive');
  if (serviced.length === 0 && serviceBytes.length === 0) return undefined;
  return { ...noBlkioEntries, serviceBytes, serviced };
}

/** Any scheduler: what passed the throttling layer. */
function throttled(group: Group): BlkioStats | undefined {
  const pick = (file: string) => (group.exists(`${file}_recursive`) ? `${file}_recursive` : file);
  const bytes = pick('blkio.throttle.io_service_bytes');
  const operations = pick('blkio.throttle.io_serviced');
  if (!group.exists(bytes) && !group.exists(operations)) return undefined;
  return { ...noBlkioEntries, serviceBytes: entries(group, bytes), serviced: entries(group, operations) };
}

function entries(group: Group, file: string): readonly BlkioEntry[] {
  return group.tryValue(file, parseBlkio) ?? [];
}

/**
 * A counter of each device and operation: `8:0 Read 100`, or `8:0 100`. The line `Total 100` is left out.
 *
 * @throws {ParseProblem} for a line of another form.
 */
export function parseBlkio(text: string): readonly BlkioEntry[] {
  return lines(text).flatMap((line) => {
    const fields = line.split(/[\s:]+/);
    if (fields.length === 2 && fields[0] === 'Total') return [];
    const [major = '', minor = '', ...rest] = fields;
    if (rest.length < 1 || rest.length > 2)
      throw new ParseProblem(`${JSON.stringify(line)} is not "major:minor operation count"`);
    const value = parseUint(rest.at(-1) ?? '');
    return [{ major: parseUint(major), minor: parseUint(minor), op: rest.length === 2 ? (rest[0] ?? '') : '', value }];
  });
}

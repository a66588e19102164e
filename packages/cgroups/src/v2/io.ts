import { type Controller, type GroupView, given, valueLines } from '../controller.ts';
import { CgroupError } from '../error.ts';
import { undoLine, type Write } from '../fs/write.ts';
import type { Int64, Resources } from '../resources.ts';
import { type BlkioEntry, noBlkioEntries } from '../stats/stats.ts';
import { lines, ParseProblem, parseUint } from '../text/parse.ts';

/** The io controller: Documentation/admin-guide/cgroup-v2.rst */
export const io: Controller = {
  name: 'io',
  writes: (resources, view) => [...weights(resources, view), ...throttles(resources)],
  stats: (group, into) => {
    const devices = group.tryValue('io.stat', parseIoStat);
    if (!devices) return;
    into.blkio = { ...noBlkioEntries, ...entriesOf(devices), devices: Object.fromEntries(devices) };
  },
};

/** io.weight (1 to 10000, by default 100) for a weight of v1 (10 to 1000). 10 gives 1, 1000 gives 10000. */
export function ioWeightOf(weight: Int64): number {
  return Math.floor(1 + ((Number(weight) - 10) * 9999) / 990);
}

/** The bfq scheduler has a file of its own with the range of v1; io.weight belongs to the cost model. */
function weights({ blkioWeight, blkioWeightDevice }: Resources, view: GroupView): readonly Write[] {
  const bfq = view.exists('io.bfq.weight');
  const file = bfq ? 'io.bfq.weight' : 'io.weight';
  const converted = (weight: Int64) => String(bfq ? weight : ioWeightOf(weight));
  const whole = given(blkioWeight)
    ? [{ file, value: converted(blkioWeight), field: 'blkioWeight', undo: undoLine('default', () => 'default 100') }]
    : [];
  const devices = valueLines(blkioWeightDevice).map((line) => {
    const [device, weight] = deviceLine(line, 'blkioWeightDevice');
    const undo = undoLine(device, (key) => `${key} default`);
    return { file, value: `${device} ${converted(weight)}`, field: 'blkioWeightDevice', undo };
  });
  return [...whole, ...devices];
}

const throttleKeys = {
  blkioThrottleReadBpsDevice: 'rbps',
  blkioThrottleWriteBpsDevice: 'wbps',
  blkioThrottleReadIopsDevice: 'riops',
  blkioThrottleWriteIopsDevice: 'wiops',
} as const;

function throttles(resources: Resources): readonly Write[] {
  const fields = Object.keys(throttleKeys) as (keyof typeof throttleKeys)[];
  return fields.flatMap((field) =>
    valueLines(resources[field]).map((line) => {
      const [device, limit] = deviceLine(line, field);
      const undo = undoLine(device, (key) => `${key} rbps=max wbps=max riops=max wiops=max`);
      return { file: 'io.max', value: `${device} ${throttleKeys[field]}=${limit === 0n ? 'max' : limit}`, field, undo };
    }),
  );
}

function deviceLine(line: string, field: string): readonly [string, bigint] {
  const match = /^(\d+:\d+)\s+(\d+)$/.exec(line);
  if (match) return [match[1] ?? '', BigInt(match[2] ?? '')];
  throw new CgroupError('ERR_CGROUP_INVALID', `${JSON.stringify(line)} is not "major:minor number"`, {
    field,
    data: line,
    hint: 'for example "8:0 1048576"',
  });
}

type IoStat = ReadonlyMap<string, Readonly<Record<string, bigint>>>;

/**
 * io.stat: `8:0 rbytes=1 wbytes=2 rios=3 …` on each line; some kernels put bare device numbers before a line, and
 * controllers add fields that are no plain numbers, which are left out.
 *
 * @throws {ParseProblem} for a line without a device.
 */
export function parseIoStat(text: string): IoStat {
  const result = new Map<string, Readonly<Record<string, bigint>>>();
  for (const line of lines(text)) {
    const fields = line.split(/\s+/);
    const device = fields.findLast((field) => /^\d+:\d+$/.test(field));
    if (device === undefined) throw new ParseProblem(`${JSON.stringify(line)} has no major:minor`);
    const values: Record<string, bigint> = {};
    for (const pair of fields) {
      const at = pair.indexOf('=');
      if (at < 1) continue;
      const value = pair.slice(at + 1);
      if (/^[rwd](bytes|ios)$/.test(pair.slice(0, at))) values[pair.slice(0, at)] = parseUint(value);
      else if (/^\d+$/.test(value)) values[pair.slice(0, at)] = parseUint(value);
    }
    if (Object.keys(values).length > 0) result.set(device, values);
  }
  return result;
}

function entriesOf(devices: IoStat): { readonly serviceBytes: BlkioEntry[]; readonly serviced: BlkioEntry[] } {
  const operations = [
    ['r', 'Read'],
    ['w', 'Write'],
    ['d', 'Discard'],
  ] as const;
  const list = (suffix: 'bytes' | 'ios') =>
    [...devices].flatMap(([device, values]) => {
      const [major = '', minor = ''] = device.split(':');
      return operations.flatMap(([letter, op]) => {
        const value = values[`${letter}${suffix}`];
        return value === undefined ? [] : [{ major: BigInt(major), minor: BigInt(minor), op, value }];
      });
    });
  return { serviceBytes: list('bytes'), serviced: list('ios') };
}

import type { Bounds, Flow, Rates, Sample } from './sample.ts';

/** Columns of a bar. */
const barWidth = 24;

/** Eighths of a column. */
const eighths = ['', '\u258f', '\u258e', '\u258d', '\u258c', '\u258b', '\u258a', '\u2589'];

/** A share as a bar: full at 1, and no fuller above. */
export function bar(share: number): string {
  const parts = Math.round(Math.min(1, Math.max(0, share)) * barWidth * 8);
  const text = '\u2588'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
  return text + '\u00b7'.repeat(barWidth - text.length);
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A size with three digits that count: `12.4 MiB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** v1 shows a number near 2^63 for no limit. */
const limitOf = (limit: bigint | undefined): bigint | undefined =>
  limit !== undefined && limit < 1n << 62n ? limit : undefined;

/** What is shown of a container at one moment, a line for each subject that the host counts. */
export function viewOf(title: string, sample: Sample, rates: Rates, { cpus }: Bounds): readonly string[] {
  const { cpu, memory, pids, blkio } = sample.stats.cgroupStats;
  const lines: (readonly [name: string, text: string])[] = [];
  if (rates.cpus !== undefined) {
    const held = rates.throttled ? `, held back in ${percent(rates.throttled)} of the periods` : '';
    lines.push(['cpu', `${bar(rates.cpus / cpus)}  ${percent(rates.cpus)} of ${round(cpus * 100)} %${held}`]);
  }
  if (memory?.usage) lines.push(['memory', memoryText(memory.usage)]);
  if (pids) {
    const limit = limitOf(pids.limit);
    const share = limit === undefined ? 0 : Number(pids.current) / Math.max(1, Number(limit));
    lines.push(['pids', `${bar(share)}  ${pids.current}${limit === undefined ? '' : ` of ${limit}`}`]);
  }
  if (rates.read && rates.written)
    lines.push(['io', `${flowText('read', rates.read)}, ${flowText('written', rates.written)}`]);
  for (const [name, { received, sent }] of Object.entries(rates.interfaces))
    lines.push([name, `${size(received)}/s received, ${size(sent)}/s sent`]);
  const pressures = { cpu: cpu?.pressure, memory: memory?.pressure, io: blkio?.pressure };
  const waits = Object.entries(pressures).flatMap(([name, pressure]) =>
    pressure?.some ? [`${name} ${pressure.some.avg10.toFixed(1)} %`] : [],
  );
  if (waits.length > 0) lines.push(['waiting', `${waits.join(', ')} of the last 10 s`]);
  const kills = memory?.events?.['oom_kill'] ?? 0n;
  if (kills > 0n) lines.push(['killed', `${kills} for want of memory`]);
  const width = Math.max(...lines.map(([name]) => name.length), 0);
  return [title, ...lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`)];
}

function memoryText(usage: { usage: bigint; maxUsage?: bigint | undefined; limit?: bigint | undefined }): string {
  const limit = limitOf(usage.limit);
  const share = limit === undefined ? 0 : Number(usage.usage) / Math.max(1, Number(limit));
  const of = limit === undefined ? '' : ` of ${size(Number(limit))}`;
  const peak = usage.maxUsage === undefined ? '' : `, at most ${size(Number(usage.maxUsage))}`;
  return `${bar(share)}  ${size(Number(usage.usage))}${of}${peak}`;
}

const flowText = (what: string, { bytes, operations }: Flow): string =>
  `${size(bytes)}/s ${what} (${round(operations)}/s)`;

const round = (value: number): string => String(Math.round(value * 10) / 10);

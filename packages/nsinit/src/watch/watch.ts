import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Container, ContainerError } from '@nsinit/libcontainer';
import { print } from '../output/print.ts';
import { type Bounds, ratesOf, type Sample } from './sample.ts';
import { viewOf } from './view.ts';

/** How a container is watched. */
export interface WatchOptions {
  /** Time between two views in milliseconds. */
  readonly intervalMs: number;
  /** Whether each view replaces the one before, as on a terminal; else they follow each other. */
  readonly replace: boolean;
  /** Columns of the terminal; undefined: lines are as long as they are. */
  readonly columns: number | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Shows what a container uses, again and again, until it ends or the signal aborts. */
export async function watchContainer(container: Container, options: WatchOptions): Promise<void> {
  let before = await sampleOf(container);
  const bounds = boundsOf(container);
  let shown = 0;
  try {
    while (before) {
      if (!(await slept(options))) return;
      const sample = await sampleOf(container);
      if (!sample) return;
      const lines = viewOf(container.id, sample, ratesOf(before, sample), bounds);
      print(options.replace ? replacing(lines, shown, options.columns) : `${lines.join('\n')}\n\n`);
      shown = lines.length;
      before = sample;
    }
  } finally {
    if (options.replace) print('\x1b[?25h');
  }
}

/** The lines in the place of those before: each cleared to its end, the cursor hidden meanwhile. */
function replacing(lines: readonly string[], shown: number, columns = Number.POSITIVE_INFINITY): string {
  const up = shown > 0 ? `\x1b[${shown}F` : '';
  // A line that wraps would be two, and the way up too short.
  return `\x1b[?25l${up}${lines.map((line) => `${line.slice(0, columns)}\x1b[K\n`).join('')}\x1b[J`;
}

/** undefined: the container has ended. */
async function sampleOf(container: Container): Promise<Sample | undefined> {
  try {
    return { atNs: process.hrtime.bigint(), stats: await container.stats() };
  } catch (error) {
    if (error instanceof ContainerError && error.code === 'ContainerNotExists') return undefined;
    throw error;
  }
}

function boundsOf(container: Container): Bounds {
  const { cpuQuota, cpuPeriod = 100_000 } = container.config().cgroups ?? {};
  const host = availableParallelism();
  if (!cpuQuota || cpuQuota < 0) return { cpus: host };
  return { cpus: Math.min(host, Number(cpuQuota) / Number(cpuPeriod)) };
}

async function slept({ intervalMs, signal }: WatchOptions): Promise<boolean> {
  try {
    await delay(intervalMs, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

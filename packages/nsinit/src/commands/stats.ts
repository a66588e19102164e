import { isatty, WriteStream } from 'node:tty';
import type { Container } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { UsageError } from '../cli/usage-error.ts';
import { print } from '../output/print.ts';
import { statsJson } from '../output/stats-json.ts';
import { loadContainer } from '../run/load.ts';
import { watchContainer } from '../watch/watch.ts';
import type { Context } from './context.ts';

/** `nsinit stats`: what a container uses. */
export async function run({ values }: CommandInvocation<'stats'>, context: Context): Promise<number> {
  const intervalMs = values.interval ?? 1000;
  if (intervalMs < 10) throw new UsageError(`--interval: ${intervalMs} is less than 10 ms`, 'give it in milliseconds');
  const container = await loadContainer(values, context);
  if (values.watch) await watch(container, intervalMs);
  else print(statsJson(await container.stats()));
  return 0;
}

async function watch(container: Container, intervalMs: number): Promise<void> {
  // Told as `stats` alone tells it, when there is nothing to watch.
  await container.stats();
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const columns = isatty(1) ? new WriteStream(1).columns : undefined;
  try {
    await watchContainer(container, { intervalMs, replace: columns !== undefined, columns, signal: stop.signal });
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
  }
}

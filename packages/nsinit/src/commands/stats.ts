import type { CommandInvocation } from '../cli/parse.ts';
import { print } from '../output/print.ts';
import { statsJson } from '../output/stats-json.ts';
import { loadContainer } from '../run/load.ts';
import type { Context } from './context.ts';

/** `nsinit stats`: what a container uses. */
export async function run({ values }: CommandInvocation<'stats'>, context: Context): Promise<number> {
  const container = await loadContainer(values, context);
  print(statsJson(await container.stats()));
  return 0;
}

import type { CommandInvocation } from '../cli/parse.ts';
import { print } from '../output/print.ts';
import { loadContainer } from '../run/load.ts';
import type { Context } from './context.ts';

/** `nsinit oom`: a line for each time when memory was out, until the container ends. */
export async function run({ values }: CommandInvocation<'oom'>, context: Context): Promise<number> {
  const container = await loadContainer(values, context);
  for await (const { count } of await container.notifyOom()) print('OOM notification received\n'.repeat(Number(count)));
  return 0;
}

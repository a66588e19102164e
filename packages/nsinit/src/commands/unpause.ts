import type { CommandInvocation } from '../cli/parse.ts';
import { loadContainer } from '../run/load.ts';
import type { Context } from './context.ts';

/** `nsinit unpause`: lets the processes of a paused container go on. */
export async function run({ values }: CommandInvocation<'unpause'>, context: Context): Promise<number> {
  const container = await loadContainer(values, context);
  await container.resume();
  return 0;
}

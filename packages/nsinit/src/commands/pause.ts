import type { CommandInvocation } from '../cli/parse.ts';
import { loadContainer } from '../run/load.ts';
import type { Context } from './context.ts';

/** `nsinit pause`: stops the processes of a container where they are. */
export async function run({ values }: CommandInvocation<'pause'>, context: Context): Promise<number> {
  const container = await loadContainer(values, context);
  await container.pause();
  return 0;
}

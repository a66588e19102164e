import { encodeState } from '@nsinit/config';
import type { CommandInvocation } from '../cli/parse.ts';
import { print } from '../output/print.ts';
import { loadContainer } from '../run/load.ts';
import type { Context } from './context.ts';

/** `nsinit state`: what the state file says of a container that lives. */
export async function run({ values }: CommandInvocation<'state'>, context: Context): Promise<number> {
  const container = await loadContainer(values, context);
  print(encodeState(await container.state(), '\t'));
  return 0;
}

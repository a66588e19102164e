import { encodeState } from '@nsinit/config';
import type { CommandInvocation } from '../cli/parse.ts';
import { idFlag } from '../cli/process-flags.ts';
import { print } from '../output/print.ts';
import { openFactory } from '../run/factory.ts';
import { findStateRoot } from '../run/target.ts';
import type { Context } from './context.ts';

/** `nsinit state`: what the state file says of a container that lives. */
export async function run({ values }: CommandInvocation<'state'>, context: Context): Promise<number> {
  const factory = await openFactory(findStateRoot(context), context);
  const container = await factory.load(values.id ?? idFlag.id.default);
  print(encodeState(await container.state(), '\t'));
  return 0;
}

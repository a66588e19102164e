import type { Container } from '@nsinit/libcontainer';
import type { FlagValues } from '../cli/flag.ts';
import { idFlag } from '../cli/process-flags.ts';
import type { Context } from '../commands/context.ts';
import { openFactory } from './factory.ts';
import { findStateRoot } from './target.ts';

/**
 * Finds the container of `--id`.
 *
 * @throws {ContainerError} ContainerNotExists when there is none of this id.
 */
export async function loadContainer(values: FlagValues<typeof idFlag>, context: Context): Promise<Container> {
  const factory = await openFactory(findStateRoot(context), context);
  return await factory.load(values.id ?? idFlag.id.default);
}

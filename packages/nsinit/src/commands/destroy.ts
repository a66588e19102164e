import { type Container, ContainerError } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { UsageError } from '../cli/usage-error.ts';
import { forgetDefaultRoot } from '../run/default-root.ts';
import { loadContainer } from '../run/load.ts';
import { findStateRoot } from '../run/target.ts';
import type { Context } from './context.ts';

/** `nsinit destroy`: removes what is left of a container; with `--force` ends its processes first. */
export async function run({ values }: CommandInvocation<'destroy'>, context: Context): Promise<number> {
  const force = values.force ?? false;
  try {
    const container = await find(values, context, force);
    await container?.destroy({ force });
  } catch (error) {
    if (!(error instanceof ContainerError) || error.code !== 'ContainerNotStopped') throw error;
    const id = values.id === undefined ? '' : ` --id ${values.id}`;
    throw new UsageError('the container has processes that live', `nsinit destroy${id} --force ends them first`);
  } finally {
    forgetDefaultRoot(findStateRoot(context));
  }
  return 0;
}

/** undefined: there is none, which whoever forces it is content with. */
async function find(
  values: CommandInvocation<'destroy'>['values'],
  context: Context,
  force: boolean,
): Promise<Container | undefined> {
  try {
    return await loadContainer(values, context);
  } catch (error) {
    if (force && error instanceof ContainerError && error.code === 'ContainerNotExists') return undefined;
    throw error;
  }
}

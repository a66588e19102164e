import { type Container, ContainerError, type Factory, Process, type RestoreResult } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { idFlag } from '../cli/process-flags.ts';
import { milliseconds, Progress } from '../output/progress.ts';
import { attend } from '../run/attend.ts';
import { openFactory } from '../run/factory.ts';
import { SignalForwarder } from '../run/forward-signals.ts';
import { imageOptions } from '../run/image-options.ts';
import { RestoredStreams } from '../run/restored-streams.ts';
import { findTarget } from '../run/target.ts';
import { TerminalBridge } from '../run/terminal.ts';
import type { Context } from './context.ts';

/** `nsinit restore`: lets the saved processes of a container go on; the exit code is that of the first one. */
export async function run({ values }: CommandInvocation<'restore'>, context: Context): Promise<number> {
  const images = imageOptions(values, context.cwd);
  const target = findTarget(values, context);
  const signals = new SignalForwarder();
  const factory = await openFactory(target.root, context);
  const id = values.id ?? idFlag.id.default;
  const found = await find(factory, id);
  const container = found ?? (await factory.create(id, target.flagged.config));
  await using streams = values.tty ? undefined : new RestoredStreams();
  const own = new Process({ args: [], ...streams?.options });
  const bridge = values.tty ? new TerminalBridge(own.newConsole(), process) : undefined;
  try {
    using progress = new Progress(context.log);
    const result = await container.restore(own, {
      ...images,
      lsmProfile: values['lsm-profile'],
      lsmMountContext: values['lsm-mount-context'],
      onStep: (step) => progress.step(step),
    });
    progress.finish(`restore of ${container.id} in ${progress.elapsedMs.toFixed(1)} ms${told(result)}`);
  } catch (error) {
    if (!found) await container.destroy();
    throw error;
  }
  const directory = values['no-state-files'] ? undefined : (target.location.directory ?? container.config().rootfs);
  return await attend({ container, process: own, signals, bridge, directory }, context);
}

async function find(factory: Factory, id: string): Promise<Container | undefined> {
  try {
    return await factory.load(id);
  } catch (error) {
    if (error instanceof ContainerError && error.code === 'ContainerNotExists') return undefined;
    throw error;
  }
}

function told({ statistics }: RestoreResult): string {
  return statistics
    ? `: ${statistics.pagesRestored} pages, criu took ${milliseconds(statistics.restoreMicroseconds)}`
    : '';
}

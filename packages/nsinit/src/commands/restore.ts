import {
  type Container,
  ContainerError,
  type Factory,
  type ImagesOptions,
  Process,
  type RestoreResult,
} from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { idFlag } from '../cli/process-flags.ts';
import { UsageError } from '../cli/usage-error.ts';
import { milliseconds, Progress } from '../output/progress.ts';
import { attend } from '../run/attend.ts';
import { forgetDefaultRoot } from '../run/default-root.ts';
import { openFactory } from '../run/factory.ts';
import { SignalForwarder } from '../run/forward-signals.ts';
import { imageOptions } from '../run/image-options.ts';
import { PidFile } from '../run/pid-file.ts';
import { RestoredStreams } from '../run/restored-streams.ts';
import { findTarget, type Target } from '../run/target.ts';
import { TerminalBridge } from '../run/terminal.ts';
import type { Context } from './context.ts';

type Values = CommandInvocation<'restore'>['values'];

/** `nsinit restore`: lets the saved processes of a container go on; the exit code is that of the first one. */
export async function run({ values }: CommandInvocation<'restore'>, context: Context): Promise<number> {
  const images = imageOptions(values, context.cwd);
  if (values.detach && values.tty)
    throw new UsageError('--detach and --tty contradict each other', 'a terminal of nsinit ends with nsinit');
  const target = findTarget(values, context);
  try {
    return await runIn(target, images, values, context);
  } finally {
    forgetDefaultRoot(target.root);
  }
}

async function runIn(target: Target, images: ImagesOptions, values: Values, context: Context): Promise<number> {
  // Nobody waits in vain: it may be long until all is read, or for ever until it comes.
  const abort = new AbortController();
  const signals = new SignalForwarder((signal) => {
    if (ending.has(signal)) abort.abort();
  });
  const factory = await openFactory(target.root, context, values.systemd);
  const id = values.id ?? idFlag.id.default;
  using pidFile = values['pid-file'] === undefined ? undefined : new PidFile(values['pid-file'], context.cwd);
  const found = await find(factory, id);
  const container = found ?? (await factory.create(id, target.flagged.config));
  await using streams = values.tty || values.detach ? undefined : new RestoredStreams();
  const own = new Process({ args: [], ...(values.detach ? inherited : streams?.options) });
  const bridge = values.tty ? new TerminalBridge(own.newConsole(), process) : undefined;
  let memory: RestoreResult['lazyMemory'];
  try {
    using progress = new Progress(context.log);
    const result = await container.restore(own, {
      ...images,
      lsmProfile: values['lsm-profile'],
      lsmMountContext: values['lsm-mount-context'],
      signal: abort.signal,
      onStep: (step) => progress.step(step),
    });
    progress.finish(`restore of ${container.id} in ${progress.elapsedMs.toFixed(1)} ms${told(result)}`);
    memory = result.lazyMemory;
  } catch (error) {
    if (!found) await container.destroy();
    throw error;
  }
  pidFile?.write(own.pid());
  if (values.detach) {
    // Processes whose memory is lost must not go on: only who is there can end them.
    await memory?.done();
    return 0;
  }
  const directory = values['no-state-files'] ? undefined : (target.location.directory ?? container.config().rootfs);
  const code = await attend({ container, process: own, signals, bridge, directory }, context);
  // Why it was killed, when its memory was lost.
  await memory?.done();
  return code;
}

/** Signals by which people end a command. */
const ending: ReadonlySet<NodeJS.Signals> = new Set(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM']);

const inherited = { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' } as const;

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

import { encodeState } from '@nsinit/config';
import { type Container, ContainerError, Process, type State, Status, shellExitCode } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { idFlag } from '../cli/process-flags.ts';
import { FlaggedError } from '../output/failure.ts';
import { openFactory } from '../run/factory.ts';
import { SignalForwarder } from '../run/forward-signals.ts';
import { describeProcess } from '../run/process-options.ts';
import { startOrJoin } from '../run/start.ts';
import { StateFiles } from '../run/state-files.ts';
import { findTarget, type Target } from '../run/target.ts';
import { TerminalBridge } from '../run/terminal.ts';
import type { Context } from './context.ts';

type Invocation = CommandInvocation<'exec'>;

/** `nsinit exec`: runs a command in a new container or in a live one; the exit code is that of the command. */
export async function run(invocation: Invocation, context: Context): Promise<number> {
  const target = findTarget(invocation.values, context);
  try {
    return await runIn(target, invocation, context);
  } catch (error) {
    throw new FlaggedError(error, target.flagged.origins);
  }
}

async function runIn(target: Target, { values, operands }: Invocation, context: Context): Promise<number> {
  const { config } = target.flagged;
  let bridge: TerminalBridge | undefined;
  // From here on, so that a signal that comes during the start reaches the command; and until the very end, where one
  // that comes too late is not to change the exit code.
  const signals = new SignalForwarder();
  const factory = await openFactory(target.root, context);
  const {
    container,
    process: own,
    created,
  } = await startOrJoin({
    factory,
    id: values.id ?? idFlag.id.default,
    anyRootfs: values.id !== undefined,
    config,
    process: (actual) => {
      const { options, tty } = describeProcess(values, operands, actual, process.env);
      const made = new Process({ ...options, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' });
      bridge = tty ? new TerminalBridge(made.newConsole(), process) : undefined;
      return made;
    },
  });
  await using _bridge = bridge;
  bridge?.connect();
  signals.forwardTo((signal) => {
    // A terminal tells its processes of a new size by itself.
    if (!(bridge && signal === 'SIGWINCH')) send(own, signal, context);
  });
  const announced = created && !values['no-state-files'];
  using _files = announced ? await announce(container, target.location.directory ?? config.rootfs, context) : undefined;
  const status = await own.wait();
  context.log.debug(`the command ended: ${status.signal ?? `exit code ${status.exitCode}`}`);
  await cleanUp(container, context);
  return shellExitCode(status);
}

function send(process: Process, signal: NodeJS.Signals, { log }: Context): void {
  try {
    process.signal(signal);
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error;
    log.warn(error.message);
  }
}

/** Writes state.json and .nspid. That they cannot be written is no reason to end a container that runs. */
async function announce(container: Container, directory: string, { log }: Context): Promise<StateFiles | undefined> {
  let files: StateFiles | undefined;
  try {
    files = new StateFiles(directory);
    const state = await liveState(container);
    if (state) files.write(encodeState(state), state.initProcessPid);
    else files.removeOld();
  } catch (error) {
    log.warn(`${directory}: ${(error as Error).message} (--no-state-files leaves state.json and .nspid out)`);
  }
  return files;
}

/** The state of a container, undefined when it has ended already. */
async function liveState(container: Container): Promise<State | undefined> {
  try {
    return await container.state();
  } catch (error) {
    if (error instanceof ContainerError && error.code === 'ContainerNotExists') return undefined;
    throw error;
  }
}

/** Removes what an ended container left, whoever started it. It may live on without this command, which is fine. */
async function cleanUp(container: Container, { log }: Context): Promise<void> {
  try {
    if ((await container.status()) === Status.Destroyed) await container.destroy();
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error;
    // Somebody else was faster: it is gone, or of a new container.
    if (error.code === 'ContainerNotStopped' || error.code === 'ContainerNotExists') return;
    log.warn(`container ${container.id} could not be removed: ${error.message}`);
  }
}

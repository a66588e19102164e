import { encodeState } from '@nsinit/config';
import { type Container, ContainerError, type Process, type State, Status, shellExitCode } from '@nsinit/libcontainer';
import type { Context } from '../commands/context.ts';
import { memoryKillText } from '../output/memory-kill-text.ts';
import type { SignalForwarder } from './forward-signals.ts';
import { StateFiles } from './state-files.ts';
import type { TerminalBridge } from './terminal.ts';

/** A process that runs in front of the user. */
export interface Attended {
  readonly container: Container;
  readonly process: Process;
  readonly signals: SignalForwarder;
  /** Undefined: it has no terminal of its own. */
  readonly bridge: TerminalBridge | undefined;
  /** Where state.json and .nspid are written while it lives; undefined: nowhere. */
  readonly directory: string | undefined;
}

/** Connects the user with a process until its end, removes what an ended container left, and gives the exit code. */
export async function attend(attended: Attended, context: Context): Promise<number> {
  const { container, process, signals, bridge, directory } = attended;
  await using _bridge = bridge;
  bridge?.connect();
  signals.forwardTo((signal) => {
    // A terminal tells its processes of a new size by itself.
    if (!(bridge && signal === 'SIGWINCH')) send(process, signal, context);
  });
  using _files = directory === undefined ? undefined : await announce(container, directory, context);
  const status = await process.wait();
  if (status.memoryKill) context.log.warn(memoryKillText(status.memoryKill));
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

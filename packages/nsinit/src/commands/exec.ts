import { Process } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { idFlag } from '../cli/process-flags.ts';
import { FlaggedError } from '../output/failure.ts';
import { attend } from '../run/attend.ts';
import { forgetDefaultRoot } from '../run/default-root.ts';
import { openFactory } from '../run/factory.ts';
import { SignalForwarder } from '../run/forward-signals.ts';
import { describeProcess } from '../run/process-options.ts';
import { startOrJoin } from '../run/start.ts';
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
  } finally {
    forgetDefaultRoot(target.root);
  }
}

async function runIn(target: Target, { values, operands }: Invocation, context: Context): Promise<number> {
  const { config } = target.flagged;
  let bridge: TerminalBridge | undefined;
  // From here on, so that a signal that comes during the start reaches the command; and until the very end, where one
  // that comes too late is not to change the exit code.
  const signals = new SignalForwarder();
  const factory = await openFactory(target.root, context, values.systemd);
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
  if (values.systemd && !created && container.cgroupDriver !== 'systemd')
    context.log.warn(`container ${container.id} runs already, and its control group is not kept by systemd`);
  const announced = created && !values['no-state-files'];
  const directory = announced ? (target.location.directory ?? config.rootfs) : undefined;
  return await attend({ container, process: own, signals, bridge, directory }, context);
}

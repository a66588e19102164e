import { fchownSync } from 'node:fs';
import { type LaunchedProcess, launch, type StepError } from '@nsinit/namespaces';
import { type Fd, SyscallError } from '@nsinit/syscall';
import type { ContainerContext } from './container-options.ts';
import { explainNamespacePath, explainStepError } from './diagnose/index.ts';
import { asContainerError, type ContainerError } from './errors.ts';
import type { JudgeEnd } from './memory-kill.ts';
import type { Process } from './process/process.ts';
import { openStdio } from './process/stdio.ts';
import type { ProcessSettings } from './program/settings.ts';
import type { CommandOutput, PlannedStart } from './program/start.ts';

/** What a launch is given beside its plan. */
export interface ProcessLaunch {
  readonly context: ContainerContext;
  /** The container's root file system on the host, for explanations. */
  readonly rootfs: string;
  /** Ends the launch. */
  readonly signal: AbortSignal | undefined;
  /** Who root of the container is out here: pipes are given to it; undefined: who started it. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** The files that the plan names. */
  readonly files: Readonly<Record<string, () => Fd>>;
  /** What commands of the start print; undefined: there are none. */
  readonly output: CommandOutput | undefined;
  /** Called when the process is there. */
  readonly onCreated: (pid: number) => void | Promise<void>;
  /** Says more about the end of the process than that it has ended. */
  readonly judge: JudgeEnd;
  /** Takes the listener of its filter; undefined: there is none. */
  readonly onListener: ((listener: Fd, pid: number) => void) | undefined;
}

/**
 * Starts a process by its plan and connects its streams.
 *
 * @throws {ContainerError} with the step that failed, explained; nothing is left then.
 */
export async function launchProcess(
  process: Process,
  { plan, settings }: PlannedStart,
  { context, rootfs, signal, owner, files, output, onCreated, onListener, judge }: ProcessLaunch,
): Promise<LaunchedProcess> {
  const { stdin, stdout, stderr, extraFiles = [] } = process.options;
  const stdio = process.console ? openStdio(null, null, null) : openStdio(stdin, stdout, stderr);
  try {
    if (owner) for (const { fd } of settings.pipes) fchownSync(stdio.fds[fd]!.fd, owner.uid, owner.gid);
    const launched = await launch(plan, {
      stdio: stdio.fds,
      files,
      extraFiles: extraFiles.map((file) => (typeof file === 'number' ? { fd: file } : file)),
      ...(signal ? { signal } : {}),
      ...(context.initPath === undefined ? {} : { executor: context.initPath }),
      ...(context.initArgs === undefined ? {} : { initCommand: context.initArgs }),
      onCreated,
      ...(onListener ? { onListener } : {}),
      explain: (error, pid) => explain(error, pid, rootfs, settings, output),
    });
    process.attach(launched, stdio.pumps, judge);
    return launched;
  } catch (error) {
    for (const pump of stdio.pumps) pump.stop();
    const explained = error instanceof SyscallError ? explainNamespacePath(plan.options.joins ?? [], error) : undefined;
    throw explained ?? asContainerError(error, 'cannot start the process');
  } finally {
    for (const fd of stdio.theirs) fd.close();
  }
}

function explain(
  error: StepError,
  pid: number | undefined,
  rootfs: string,
  settings: ProcessSettings,
  output: CommandOutput | undefined,
): ContainerError {
  const commandOutput = output?.text() ?? '';
  return explainStepError(error, {
    rootfs,
    args: settings.args,
    env: settings.env,
    cwd: settings.cwd,
    uid: settings.user.uid,
    gid: settings.user.gid,
    groups: settings.user.groups,
    landlock: settings.confinement.landlock !== undefined,
    ...(pid === undefined ? {} : { pid }),
    ...(commandOutput === '' ? {} : { commandOutput }),
  });
}

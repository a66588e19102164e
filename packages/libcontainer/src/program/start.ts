import { type Config, withDefaultMounts } from '@nsinit/config';
import { MountError } from '@nsinit/mount';
import type { LaunchPlan, NamespaceKind } from '@nsinit/namespaces';
import { AT_FDCWD, constant, duplicate, Fd, invoke, type PrintedInstruction, tryInvoke } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import type { Process } from '../process/process.ts';
import { willKeepGroups } from '../rootless/groups.ts';
import { decide, type HowToStart } from './how.ts';
import { planInit } from './init.ts';
import { planJoin } from './join.ts';
import { remembered } from './remember.ts';
import { type ContainerFilter, filterOf } from './seccomp.ts';
import { type ProcessSettings, settleProcess } from './settings.ts';
import { userFilesOf } from './user.ts';

/** A start that is fully decided, and not begun. */
export interface PlannedStart {
  readonly plan: LaunchPlan;
  readonly settings: ProcessSettings;
  /** Its filter of system calls; undefined: none. */
  readonly filter: ContainerFilter | undefined;
}

/**
 * Decides everything about a container's first process but its system calls. Nothing is touched.
 *
 * @throws {ContainerError} ConfigInvalid for what makes no sense or is not there.
 */
export function settleFirst(config: Config, process: Process): ProcessSettings {
  return settleProcess(process, config, userFilesOf(config), willKeepGroups(config));
}

/**
 * Writes the start of a container's first process. The same process in the same configuration is planned once: the plan of a
 * start is data, and can be used again.
 *
 * @throws {ContainerError} ConfigInvalid for a configuration from which no steps can be made.
 */
export function planFirst(config: Config, settings: ProcessSettings, how: HowToStart = {}): PlannedStart {
  const decided = decide(how);
  const plan = remembered(config, ['first', decided.supervisor, decided.place, settings], () => {
    try {
      return planInit(config, settings, decided);
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      throw new ContainerError('ConfigInvalid', error.message, {
        cause: error,
        ...(error.field ? { field: error.field } : {}),
      });
    }
  });
  return { plan, settings, filter: decided.filter };
}

/** Writes the start of a process that joins a running container, in which it enters these kinds of namespaces. */
export function planOther(
  config: Config,
  settings: ProcessSettings,
  kinds: readonly NamespaceKind[],
  how: HowToStart = {},
): PlannedStart {
  const decided = decide(how);
  const plan = remembered(config, ['other', decided.supervisor, decided.place, kinds, settings], () =>
    planJoin(config, settings, { ...decided, kinds }),
  );
  return { plan, settings, filter: decided.filter };
}

/**
 * The system calls that starting a process in a new container would make, in order, with the reason for each. Nothing is
 * started and no privilege is needed.
 */
export async function planStart(
  config: Config,
  process: Process,
  options: { readonly supervisor?: boolean; readonly defaultMounts?: boolean } = {},
): Promise<readonly PrintedInstruction[]> {
  const complete = (options.defaultMounts ?? true) ? withDefaultMounts(config).config : config;
  const how = { supervisor: options.supervisor, filter: await filterOf(complete) };
  return planFirst(complete, settleFirst(complete, process), how).plan.program.print();
}

/** What commands of a starting container print: a file in memory. */
export class CommandOutput implements Disposable {
  readonly #file: Fd;

  constructor() {
    this.#file = new Fd(invoke('memfd_create', { name: 'command output', flags: ['MFD_CLOEXEC'] }));
    invoke('fcntl', { fd: this.#file, op: 'F_SETFL', arg: constant('open', 'O_APPEND') });
  }

  /** A copy for the process. */
  copy(): Fd {
    return duplicate(this.#file);
  }

  /** What the last command printed, up to 4 KiB, without the blanks around it. */
  text(): string {
    const buf = new Uint8Array(4096);
    const size = tryInvoke('pread64', { fd: this.#file, buf, offset: 0 });
    return size > 0 ? Buffer.from(buf.buffer, 0, size).toString().trim() : '';
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Opens a pidfd for a process whose identity the caller checks afterwards. pidfd_open(2) */
export function openPidfd(pid: number): Fd {
  return new Fd(invoke('pidfd_open', { pid, flags: 0 }));
}

/** Opens a process's root directory, for looking at it. */
export function openRootOf(pid: number): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: `/proc/${pid}/root`, flags: ['O_PATH', 'O_CLOEXEC'] }));
}

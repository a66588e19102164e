import type { Config } from '@nsinit/config';
import { MountError } from '@nsinit/mount';
import type { DescriptorSource, LaunchPlan } from '@nsinit/namespaces';
import { AT_FDCWD, constant, Fd, invoke, type PrintedInstruction, tryInvoke } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import type { Process } from '../process/process.ts';
import { checkSupported } from '../unsupported.ts';
import { planInit } from './init.ts';
import { type ProcessSettings, settleProcess } from './settings.ts';
import { userFilesOf } from './user.ts';

/** A start that is fully decided, and not begun. */
export interface PlannedStart {
  readonly plan: LaunchPlan;
  readonly settings: ProcessSettings;
}

/** What an initial start is planned with. */
export interface PlanStartOptions {
  readonly supervisor?: boolean;
  /** Where the supervisor records the process. */
  readonly record?: DescriptorSource;
  /** A file for what premount and postmount commands print; see {@link CommandOutput}. */
  readonly commandOutput?: DescriptorSource;
}

const unopened = (name: string): DescriptorSource => ({
  name,
  open: () => {
    throw new Error(`${name} of a printed program is not to be opened`);
  },
});

/**
 * Decides everything about the start of a container's first process.
 *
 * @throws {ContainerError} ConfigInvalid for what makes no sense or is not there.
 */
export function planFirst(config: Config, process: Process, options: PlanStartOptions = {}): PlannedStart {
  const settings = settleProcess(process, config, userFilesOf(config));
  try {
    const plan = planInit(config, settings, {
      supervisor: options.supervisor ?? true,
      record: options.record ?? unopened('init'),
      commandOutput: options.commandOutput ?? unopened('command output'),
    });
    return { plan, settings };
  } catch (error) {
    if (error instanceof MountError)
      throw new ContainerError('ConfigInvalid', error.message, {
        cause: error,
        ...('field' in error && error.field ? { field: String(error.field) } : {}),
      });
    throw error;
  }
}

/**
 * The system calls that starting a process in a new container would make, in order, with the reason for each. Nothing is
 * started and no privilege is needed.
 */
export function planStart(
  config: Config,
  process: Process,
  options: { readonly supervisor?: boolean } = {},
): readonly PrintedInstruction[] {
  checkSupported(config);
  return planFirst(config, process, options).plan.program.print();
}

/** What commands of a starting container print: a file in memory. */
export class CommandOutput implements Disposable {
  readonly #file: Fd;

  constructor() {
    this.#file = new Fd(invoke('memfd_create', { name: 'command output', flags: ['MFD_CLOEXEC'] }));
    invoke('fcntl', { fd: this.#file, op: 'F_SETFL', arg: constant('open', 'O_APPEND') });
  }

  /** Hands a copy to the process. */
  readonly source: DescriptorSource = {
    name: 'command output',
    open: () => new Fd(invoke('fcntl', { fd: this.#file, op: 'F_DUPFD_CLOEXEC', arg: 0 })),
  };

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

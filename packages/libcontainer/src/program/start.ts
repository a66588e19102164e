import { type Config, withDefaultMounts } from '@nsinit/config';
import { MountError } from '@nsinit/mount';
import type { LaunchPlan, NamespaceKind } from '@nsinit/namespaces';
import { AT_FDCWD, constant, Fd, invoke, type PrintedInstruction, tryInvoke } from '@nsinit/syscall';
import { type CgroupPlace, noCgroup } from '../cgroups.ts';
import { ContainerError } from '../errors.ts';
import type { Process } from '../process/process.ts';
import { checkSupported } from '../unsupported.ts';
import { planInit } from './init.ts';
import { planJoin } from './join.ts';
import { remembered } from './remember.ts';
import { filterOf, type InstallFilter } from './seccomp.ts';
import { type ProcessSettings, settleProcess } from './settings.ts';
import { type UserFiles, userFilesOf } from './user.ts';

/** A start that is fully decided, and not begun. */
export interface PlannedStart {
  readonly plan: LaunchPlan;
  readonly settings: ProcessSettings;
}

/**
 * Decides everything about the start of a container's first process. The same process in the same configuration is
 * decided once: the plan of a start is data, and can be used again.
 *
 * @throws {ContainerError} ConfigInvalid for what makes no sense or is not there.
 */
export function planFirst(
  config: Config,
  process: Process,
  supervisor = true,
  place: CgroupPlace = noCgroup,
  filter?: InstallFilter,
): PlannedStart {
  const settings = settleProcess(process, config, userFilesOf(config));
  const plan = remembered(config, ['first', supervisor, place, settings], () => {
    try {
      return planInit(config, settings, supervisor, place, filter);
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      throw new ContainerError('ConfigInvalid', error.message, {
        cause: error,
        ...(error.field ? { field: error.field } : {}),
      });
    }
  });
  return { plan, settings };
}

/** Decides everything about a process that joins a running container. */
export function planOther(
  config: Config,
  process: Process,
  files: UserFiles,
  kinds: readonly NamespaceKind[],
  supervisor = true,
  place: CgroupPlace = noCgroup,
  filter?: InstallFilter,
): PlannedStart {
  const settings = settleProcess(process, config, files);
  const plan = remembered(config, ['other', supervisor, place, kinds, settings], () =>
    planJoin(config, settings, { kinds, supervisor, place, filter }),
  );
  return { plan, settings };
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
  checkSupported(config);
  const complete = (options.defaultMounts ?? true) ? withDefaultMounts(config).config : config;
  const filter = await filterOf(complete);
  return planFirst(complete, process, options.supervisor, noCgroup, filter).plan.program.print();
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
    return new Fd(invoke('fcntl', { fd: this.#file, op: 'F_DUPFD_CLOEXEC', arg: 0 }));
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

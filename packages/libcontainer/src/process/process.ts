import { constants as osConstants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import type { Capabilities } from '@nsinit/config';
import type { LaunchedProcess } from '@nsinit/namespaces';
import { errnos, type FdNumber, SyscallError, tryInvoke } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import type { JudgeEnd, ProcessExit } from '../memory-kill.ts';
import { Console } from './console.ts';
import type { Pump } from './pump.ts';
import type { StdioSource } from './stdio.ts';

/** What runs inside a container, and with which streams. */
export interface ProcessOptions {
  /** Program and arguments. A name without a slash is looked for in the PATH of `env`, inside the container. */
  readonly args: readonly string[];
  /** Environment as `NAME=value`; undefined: that of the configuration. The last value of a name counts. */
  readonly env?: readonly string[];
  /** `user`, `uid`, `user:group` or `uid:gid`, looked up inside the container; undefined: that of the configuration, else root. */
  readonly user?: string;
  /** Working directory inside the container, made when it does not exist; undefined: that of the configuration, else `/`. */
  readonly cwd?: string;
  readonly stdin?: StdioSource<Readable>;
  readonly stdout?: StdioSource<Writable>;
  readonly stderr?: StdioSource<Writable>;
  /** Files that the process gets as descriptors 3, 4, … */
  readonly extraFiles?: readonly (number | FdNumber)[];
  /** Capabilities in place of the configuration's. */
  readonly capabilities?: Capabilities;
  /** PR_SET_NO_NEW_PRIVS for this process; undefined: as the configuration says. */
  readonly noNewPrivileges?: boolean;
}

/** A process of a container: described here, started by `Container.start`. */
export class Process {
  readonly options: ProcessOptions;
  #console: Console | undefined;
  #launched: LaunchedProcess | undefined;
  #outcome: Promise<ProcessExit> | undefined;
  #ended = false;
  #taken = false;

  constructor(options: ProcessOptions) {
    this.options = options;
  }

  /** The terminal, when one was asked for. */
  get console(): Console | undefined {
    return this.#console;
  }

  /**
   * Gives the process a terminal in place of its standard streams; before it is started.
   *
   * @param rootUid the user of the container that owns the terminal.
   */
  newConsole(rootUid = 0): Console {
    this.#console = new Console(rootUid);
    return this.#console;
  }

  /**
   * The id in this process's pid namespace.
   *
   * @throws {ContainerError} ProcessNotExecuted before the start.
   */
  pid(): number {
    return this.#running().pid;
  }

  /**
   * How the process ends. Settles when it has ended and all that it wrote has been handed on.
   *
   * @throws {ContainerError} ProcessNotExecuted before the start; SystemError when nobody can tell how it ended.
   */
  async wait(): Promise<ProcessExit> {
    this.#running();
    return await this.#outcome!;
  }

  /**
   * Sends a signal, by name or number. To a process that has ended nothing is sent, and nothing is wrong.
   *
   * @throws {ContainerError} ProcessNotExecuted before the start, SystemError for a signal that does not exist or is refused.
   */
  signal(signal: NodeJS.Signals | number): void {
    const { pidfd } = this.#running();
    const sig = typeof signal === 'number' ? signal : osConstants.signals[signal];
    if (sig === undefined) throw new ContainerError('SystemError', `unsupported signal type: ${signal}`);
    if (this.#ended) return;
    const result = tryInvoke('pidfd_send_signal', { pidfd, sig, flags: 0 });
    if (result < 0 && result !== -errnos.ESRCH)
      throw new ContainerError('SystemError', `cannot send signal ${signal}`, {
        cause: new SyscallError('pidfd_send_signal', -result, [String(this.pid()), String(sig)]),
      });
  }

  /** Lets this Node process end while the container's goes on. */
  unref(): void {
    this.#running().unref();
  }

  /**
   * Called by the container that is about to start the process.
   *
   * @throws {ContainerError} SystemError when it was started already, or is just being started.
   */
  take(): void {
    if (this.#taken) throw new ContainerError('SystemError', 'a process can be started once', { step: 'start' });
    this.#taken = true;
  }

  /** Called by the container when the start has failed: the process may be started again. */
  giveBack(): void {
    this.#taken = false;
  }

  /** Called by the container when the process runs. */
  attach(launched: LaunchedProcess, pumps: readonly Pump[], judge: JudgeEnd): void {
    this.#launched = launched;
    if (launched.console) this.#console?.attach(launched.console);
    for (const pump of pumps) pump.start();
    this.#outcome = this.#finish(launched, pumps, judge);
    // Who does not wait is not told of a lost exit status.
    this.#outcome.catch(() => {});
  }

  /** Whether it was started. */
  get started(): boolean {
    return this.#launched !== undefined;
  }

  async #finish(launched: LaunchedProcess, pumps: readonly Pump[], judge: JudgeEnd): Promise<ProcessExit> {
    try {
      const status = await launched.exited.catch((error: unknown) => {
        throw new ContainerError('SystemError', (error as Error).message, { cause: error });
      });
      return judge(status);
    } finally {
      this.#ended = true;
      await Promise.all([...pumps.map((pump) => pump.finish()), this.#console?.finish()]);
      launched.close();
    }
  }

  #running(): LaunchedProcess {
    if (!this.#launched)
      throw new ContainerError('ProcessNotExecuted', 'invalid process', { hint: 'start it in a container first' });
    return this.#launched;
  }
}

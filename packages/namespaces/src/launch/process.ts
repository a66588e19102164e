import type { Fd, FdNumber } from '@nsinit/syscall';
import type { StepError } from './errors.ts';
import type { ExitStatus } from './exit-status.ts';

/** What a launch is given beside its plan. */
export interface LaunchOptions {
  /** Standard input, output and error of the process. They stay open here. */
  readonly stdio: readonly [FdNumber, FdNumber, FdNumber];
  /** The descriptors from 3 on, as many as the plan says. They stay open here. */
  readonly extraFiles?: readonly FdNumber[];
  /** Opens the files that the plan only names. */
  readonly files?: Readonly<Record<string, () => Fd>>;
  /** Ends the launch: the process is killed and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Called as soon as the process exists. When the plan has a barrier the process waits until this is done; without one
   * it goes on meanwhile. An error ends the launch.
   */
  readonly onCreated?: (pid: number) => void | Promise<void>;
  /**
   * Takes the listener of a filter of system calls, when the program sends one: the process may wait for an answer before it
   * executes its program. An error ends the launch. undefined: it is closed, and calls that are asked about get ENOSYS.
   */
  readonly onListener?: (listener: Fd, pid: number) => void;
  /**
   * Called with the error of a failed step while the process still stands at that step, so that `/proc/PID/root` can
   * be looked at; what it returns is thrown instead.
   */
  readonly explain?: (error: StepError, pid: number | undefined) => Error | Promise<Error>;
  /** Path of another executor than the one this package ships; it is started from a sealed copy as well. */
  readonly executor?: string;
  /**
   * A program and its first arguments that is started instead and becomes the executor itself, see `becomeExecutor`: how
   * many descriptors it has and which one holds the program are its last two arguments.
   */
  readonly initCommand?: readonly [string, ...string[]];
}

/** A process that has been started. */
export interface LaunchedProcess {
  /** Its id here, in the caller's pid namespace. */
  readonly pid: number;
  /** Refers to the process itself, whatever becomes of its id. Closed by `close`. */
  readonly pidfd: Fd;
  /** The master of its terminal, when the program made one. */
  readonly console: Fd | undefined;
  /** Settles when the process has ended. Rejects when nobody can tell how it ended. */
  readonly exited: Promise<ExitStatus>;
  /** Lets this process end although the other runs. */
  unref(): void;
  /** Keeps this process alive until the other has ended, as it is at first. */
  ref(): void;
  /** Closes the pidfd, and lets this process end although the other may run. */
  close(): void;
}

/** A process whose supervisor also takes over one that it leaves behind. */
export interface AdoptingProcess extends LaunchedProcess {
  /**
   * Gives the supervisor another child of its own to wait for and to record, once: one that the launched process has made
   * for it with CLONE_PARENT. To be called while the launched process lives.
   *
   * @param pidfd refers to that child; it belongs to the result from here on.
   */
  adopt(pid: number, pidfd: Fd): LaunchedProcess;
}

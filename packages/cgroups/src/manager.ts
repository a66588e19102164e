import type { Fd } from '@nsinit/syscall';
import type { OomEvent, PressureEvent } from './events/event.ts';
import type { FreezerState, Resources } from './resources.ts';
import type { Stats } from './stats/stats.ts';

/** Ends a wait early. */
export interface WaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Bound in milliseconds. Each method says its default. */
  readonly timeoutMs?: number | undefined;
}

/** What {@link Manager.prepare} has done, for whoever creates the process. */
export interface Placement {
  /**
   * The group's directory, for CLONE_INTO_CGROUP of clone3(2): the process is then born inside. undefined where the
   * group exists only once a process is handed to {@link Manager.apply}. Close it when the process exists.
   */
  readonly directory: Fd | undefined;
  /**
   * Whether the new process has to wait until {@link Manager.apply} has put it into its place: true unless `directory`
   * is the whole of it.
   */
  readonly mustApply: boolean;
}

/** Which processes {@link Manager.pids} gives. */
export interface PidsOptions {
  /** Those of groups below as well. Default false. */
  readonly recursive?: boolean;
}

/** How {@link Manager.kill} kills. */
export interface KillOptions extends WaitOptions {
  /** Signal number. Default 9 (SIGKILL): every process ends, and the promise waits until none is left. */
  readonly signalNumber?: number;
}

/**
 * A control group with its limits, wherever its controllers live. Nothing is made before `prepare` or `apply`. Every
 * method but those two works as well on a group that another process made.
 */
export interface Manager {
  /** Who keeps the group: the files alone, or systemd. */
  readonly driver: 'cgroupfs' | 'systemd';

  /**
   * Makes the group with its limits, empty, so that a process can be created inside. A failure leaves nothing behind.
   *
   * @throws {CgroupError} naming field, file and remedy.
   */
  prepare(): Promise<Placement>;

  /**
   * Puts a process into the group, which is made with its limits first where it is not there yet. A failure leaves
   * nothing behind that this call made.
   *
   * @throws {CgroupError} naming field, file and remedy.
   */
  apply(pid: number): Promise<void>;

  /** The processes of the group as they are this instant; none when the group is gone. */
  pids(options?: PidsOptions): readonly number[];

  /**
   * Counters of the group. What the kernel does not offer is absent.
   *
   * @throws {CgroupError} ERR_CGROUP_PARSE, naming the file, for text that is not what the kernel promises.
   */
  stats(): Stats;

  /**
   * Stops every process of the group and of those below it. When it does not succeed within `timeoutMs` (default
   * 2000) the group is thawed again.
   *
   * @throws {CgroupError} ERR_CGROUP_TIMEOUT, naming the processes that did not freeze.
   */
  freeze(options?: WaitOptions): Promise<void>;

  /** Lets every process of the group and of those below it go on, whoever has frozen them. Default bound 2000 ms. */
  thaw(options?: WaitOptions): Promise<void>;

  /** Whether the group itself is frozen, whoever did it; THAWED when it is gone. */
  state(): FreezerState;

  /**
   * Changes the limits that are given. When one is refused those already written get their old values back.
   *
   * @throws {CgroupError} naming field, file and remedy.
   */
  set(resources: Resources): Promise<void>;

  /**
   * Signals every process of the group and of those below it, frozen ones too. With SIGKILL it waits until they are
   * gone, by default 10000 ms.
   *
   * @throws {CgroupError} ERR_CGROUP_TIMEOUT, naming the processes left with their state and where they sleep.
   */
  kill(options?: KillOptions): Promise<void>;

  /**
   * Removes the group and those below it, once no process is left in them: for that it waits, by default 2000 ms. A
   * group that is not there is no error.
   *
   * @throws {CgroupError} ERR_CGROUP_TIMEOUT, naming the processes and directories left.
   */
  destroy(options?: WaitOptions): Promise<void>;

  /** Whether the group exists. */
  exists(): boolean;

  /**
   * The group's directories by controller; that of cgroup v2 has the name ''. To be kept, and given to `createManager`
   * by another process.
   */
  paths(): Readonly<Record<string, string>>;

  /**
   * Tells of each time when processes were killed because memory was out, until the group is gone, has lost its last
   * process, or `signal` aborts. A slow reader delays nobody: what happens meanwhile is one event with a higher count.
   */
  oomEvents(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterableIterator<OomEvent>;

  /**
   * Tells when memory gets scarce: v2 by a PSI trigger (kernel 5.2), v1 by memory.pressure_level.
   *
   * @throws {CgroupError} when the kernel has no such thing.
   */
  pressureEvents(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterableIterator<PressureEvent>;

  /** Resolves when no process is left in the group or those below it. No bound unless given. */
  empty(options?: WaitOptions): Promise<void>;
}

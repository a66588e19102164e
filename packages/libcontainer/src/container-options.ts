import type { Stats } from '@nsinit/cgroups';
import type { Listener } from '@nsinit/seccomp';
import type { InterfaceStats } from './network/stats.ts';

/** What a container takes over from its factory. */
export interface ContainerContext {
  /** Path of the executor; undefined: the one of @nsinit/namespaces. */
  readonly initPath: string | undefined;
  /** A program that becomes the executor, with its arguments; undefined: none. */
  readonly initArgs: readonly [string, ...string[]] | undefined;
  /** The criu program. */
  readonly criuPath: string;
  /** Told of each phase of a start, with the milliseconds since its begin. */
  readonly trace: ((phase: string, elapsedMs: number) => void) | undefined;
}

/** How a process is started. */
export interface StartOptions {
  /** Ends the start when aborted: nothing is left then. */
  readonly signal?: AbortSignal;
  /**
   * Whether a supervisor of a few kilobytes waits outside for the process, so that the container outlives this Node
   * process and others can learn how it ended. false: the process is this process's own child; not in a worker thread
   * when the configuration has a parent death signal. Default true.
   */
  readonly supervisor?: boolean;
  /**
   * Takes the listener of a filter that asks about calls (SCMP_ACT_NOTIFY), as soon as the filter is in force: before the
   * process has executed its program, whose execve may be such a call. To be iterated and closed by its taker; the process
   * waits meanwhile. An error ends the start. undefined: the agent of the configuration's `listenerPath` gets it.
   */
  readonly onListener?: (listener: Listener, pid: number) => void;
}

/** What a container uses. */
export interface ContainerStats {
  /** Counters of its network interfaces, as the container sees them. */
  readonly interfaces: readonly InterfaceStats[];
  /** Counters of its control group. */
  readonly cgroupStats: Stats;
}

/** How a container is destroyed. */
export interface DestroyOptions {
  /** Kills its processes first. Default false: a container that runs is refused. */
  readonly force?: boolean;
}

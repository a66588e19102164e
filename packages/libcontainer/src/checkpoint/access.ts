import type { Manager } from '@nsinit/cgroups';
import type { State } from '@nsinit/config';
import type { ContainerContext } from '../container-options.ts';
import type { Store } from '../state/store.ts';

/** What of a container its checkpoint and restore work on. */
export interface ContainerAccess {
  readonly store: Store;
  readonly context: ContainerContext;
  state(): State;
  /** Replaces the state, here and on disk. */
  write(state: State): void;
  /** The live first process, or undefined. */
  init(): number | undefined;
  /** The manager of its control group; undefined when its configuration has none. */
  cgroup(): Promise<Manager | undefined>;
  /** A manager for a group that is yet to be made; where it will be is written down before. */
  newCgroup(): Promise<Manager | undefined>;
}

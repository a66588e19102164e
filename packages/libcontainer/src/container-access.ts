import type { ContainerGroup, StateCell } from './container-group.ts';
import type { ContainerContext } from './container-options.ts';
import type { Store } from './state/store.ts';

/** What of a container its starts, its checkpoint and its restore work on. */
export interface ContainerAccess {
  readonly store: Store;
  readonly context: ContainerContext;
  readonly state: StateCell;
  readonly group: ContainerGroup;
  /** The live first process, or undefined. */
  readonly init: () => number | undefined;
}

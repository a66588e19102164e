import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerError } from '../errors.ts';
import type { Store } from '../state/store.ts';

const name = 'checkpoint';

/** Says on disk that a container without a live process is checkpointed. */
export function setMarker(store: Store): void {
  writeFileSync(join(store.dir, name), '', { mode: 0o600 });
}

/** Takes it back; one that is not there is fine. */
export function clearMarker(store: Store): void {
  rmSync(join(store.dir, name), { force: true });
}

/**
 * Whether a container that has no live process is checkpointed. A marker alone does not say so: whoever set it may have
 * been killed before the end, and then the container ran on. criu ends it by SIGKILL.
 */
export function isCheckpointed(store: Store): boolean {
  if (!statSync(join(store.dir, name), { throwIfNoEntry: false })) return false;
  const exit = store.record()?.exit;
  return exit === undefined || exit.signal === 'SIGKILL';
}

/** @throws {ContainerError} ContainerNotStopped: a new first process would take the place of those that are saved. */
export function refuseCheckpointed(store: Store): void {
  if (!isCheckpointed(store)) return;
  throw new ContainerError('ContainerNotStopped', `container ${store.id} is checkpointed`, {
    step: 'start',
    hint: 'restore it, or destroy it',
  });
}

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ContainerError } from '../../errors.ts';
import { isLocked } from '../../state/lock.ts';

/** Whose a network is. */
export interface UserNetworkOwner {
  /** `networks[1]` */
  readonly field: string;
  /** Directory of the container's state. */
  readonly owner: string;
}

/** Name of the file that the supervisor of the network's program keeps locked, in the directory of the container's state. */
export const recordName = 'user-network';

/** Longest pause between two looks, and how long it may take in all, in milliseconds. */
const longestPauseMs = 20;
const patienceMs = 10_000;

/**
 * Waits until the program of the network is gone, which is killed when the first process of the container has ended: its
 * ports are free then.
 *
 * @throws {ContainerError} SystemError when it does not end.
 */
export async function untilUserNetworkGone({ field, owner }: UserNetworkOwner): Promise<void> {
  const path = join(owner, recordName);
  const begun = performance.now();
  for (let pause = 1; existsSync(path) && isLocked(path); pause = Math.min(pause * 2, longestPauseMs)) {
    if (performance.now() - begun > patienceMs)
      throw new ContainerError('SystemError', `the program of the network has not ended`, {
        field,
        path,
        hint: 'its supervisor has the file open: see fuser(1)',
      });
    await delay(pause);
  }
  rmSync(path, { force: true });
}

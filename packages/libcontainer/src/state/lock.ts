import { mkdirSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AT_FDCWD, errnos, Fd, invoke, syscallError, tryInvoke } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/** How two users of one container exclude each other. */
export type LockMode = 'shared' | 'exclusive';

const flags = { shared: ['LOCK_SH', 'LOCK_NB'], exclusive: ['LOCK_EX', 'LOCK_NB'] } as const;

/** Longest pause between two tries, in milliseconds. */
const longestPauseMs = 20;

/**
 * Takes the lock of a container's directory, waiting for others without blocking the event loop. The kernel drops it
 * when its holder dies, so that no stale lock can exist. flock(2)
 *
 * @returns the lock; disposing it lets go. Undefined when the directory is gone, or went while we waited.
 */
export async function lockDirectory(dir: string, mode: LockMode, signal?: AbortSignal): Promise<Fd | undefined> {
  const opened = tryInvoke('openat', {
    dirfd: AT_FDCWD,
    pathname: dir,
    flags: ['O_RDONLY', 'O_DIRECTORY', 'O_NOFOLLOW', 'O_CLOEXEC'],
  });
  if (opened === -errnos.ENOENT) return undefined;
  if (opened < 0)
    throw new ContainerError('SystemError', `cannot open the state directory ${dir}`, {
      path: dir,
      cause: syscallError('openat', { dirfd: AT_FDCWD, pathname: dir, flags: ['O_RDONLY', 'O_DIRECTORY'] }, -opened),
    });
  const fd = new Fd(opened);
  try {
    for (let pause = 1; ; pause = Math.min(pause * 2, longestPauseMs)) {
      signal?.throwIfAborted();
      const result = tryInvoke('flock', { fd, op: flags[mode] });
      if (result >= 0) break;
      if (result !== -errnos.EAGAIN && result !== -errnos.EINTR)
        throw syscallError('flock', { fd, op: flags[mode] }, -result);
      await delay(pause, undefined, signal ? { signal } : {});
    }
    if (sameDirectory(fd, dir)) return fd;
  } catch (error) {
    fd.close();
    throw error;
  }
  fd.close();
  return undefined;
}

/** Whether the path still leads to the directory that is open: another may have removed it before we got the lock. */
function sameDirectory(fd: Fd, dir: string): boolean {
  const held = statSync(`/proc/self/fd/${fd.fd}`, { bigint: true });
  const named = statSync(dir, { bigint: true, throwIfNoEntry: false });
  return named !== undefined && named.ino === held.ino && named.dev === held.dev;
}

/** Makes the directory of containers, for the owner alone. */
export function makeRoot(root: string): void {
  mkdirSync(root, { recursive: true, mode: 0o700 });
}

/** Whether somebody holds an exclusive lock on a file: the supervisor does, as long as it lives. */
export function isLocked(path: string): boolean {
  using fd = new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_RDONLY', 'O_CLOEXEC'] }));
  return tryInvoke('flock', { fd, op: ['LOCK_SH', 'LOCK_NB'] }) === -errnos.EAGAIN;
}

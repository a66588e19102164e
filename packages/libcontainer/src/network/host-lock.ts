import { setTimeout as delay } from 'node:timers/promises';
import { AT_FDCWD, errnos, Fd, invoke, syscallError, tryInvoke } from '@nsinit/syscall';

/** A file that only root can open: whoever can lock it could keep others from starting containers. */
const lockPath = '/run/nsinit-network.lock';

/** Longest pause between two tries, in milliseconds. */
const longestPauseMs = 20;

const op = ['LOCK_EX', 'LOCK_NB'] as const;

/**
 * Runs a function while nobody else on this host does, whatever directory its containers are in. The kernel drops the lock
 * when its holder dies. flock(2)
 */
export async function withHostLock<T>(body: () => T): Promise<T> {
  using file = new Fd(
    invoke('openat', {
      dirfd: AT_FDCWD,
      pathname: lockPath,
      flags: ['O_RDWR', 'O_CREAT', 'O_NOFOLLOW', 'O_CLOEXEC'],
      mode: 0o600,
    }),
  );
  for (let pause = 1; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const result = tryInvoke('flock', { fd: file, op });
    if (result >= 0) return body();
    if (result !== -errnos.EAGAIN && result !== -errnos.EINTR) throw syscallError('flock', { fd: file, op }, -result);
    await delay(pause);
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { NetworkNamespace } from '@nsinit/netlink';
import { errnos, syscallError, tryInvoke } from '@nsinit/syscall';

/** Longest pause between two tries, in milliseconds. */
const longestPauseMs = 20;

const op = ['LOCK_EX', 'LOCK_NB'] as const;

/**
 * Runs a function while nobody else does in this network namespace, whatever directory its containers are in: the lock is
 * on the namespace itself. The kernel drops it when its holder dies. flock(2)
 */
export async function withHostLock<T>(body: () => T): Promise<T> {
  using namespace = NetworkNamespace.current();
  for (let pause = 1; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const result = tryInvoke('flock', { fd: namespace, op });
    if (result >= 0) return body();
    if (result !== -errnos.EAGAIN && result !== -errnos.EINTR)
      throw syscallError('flock', { fd: namespace, op }, -result);
    await delay(pause);
  }
}

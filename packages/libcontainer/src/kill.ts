import { setTimeout as delay } from 'node:timers/promises';
import { errnos, Fd, tryInvoke, watchReadable } from '@nsinit/syscall';
import { ContainerError } from './errors.ts';

/** How long a killed process may take to end, in milliseconds: one in an uninterruptible sleep never does. */
const patienceMs = 10_000;

/**
 * Kills processes and waits until they have ended.
 *
 * @param letGo called when all have been signalled: frozen processes end when they are thawed, and not before.
 * @throws {ContainerError} SystemError, naming those that did not end.
 */
export async function killAll(pids: readonly number[], letGo?: () => Promise<void>): Promise<void> {
  const ends = pids.map((pid) => killOne(pid));
  await letGo?.();
  const done = await Promise.all(ends);
  const left = pids.filter((_, index) => !done[index]);
  if (left.length > 0)
    throw new ContainerError(
      'SystemError',
      `these processes did not end within ${patienceMs / 1000} s: ${left.join(', ')}`,
      {
        step: 'kill the processes of the container',
        hint: 'look at /proc/PID/wchan of those: a process in an uninterruptible sleep cannot be killed',
      },
    );
}

async function killOne(pid: number): Promise<boolean> {
  const opened = tryInvoke('pidfd_open', { pid, flags: 0 });
  if (opened === -errnos.ESRCH || opened === -errnos.EINVAL) return true;
  if (opened < 0) throw new ContainerError('SystemError', `cannot open process ${pid}`);
  using pidfd = new Fd(opened);
  tryInvoke('pidfd_send_signal', { pidfd, sig: 9, flags: 0 });
  const patience = new AbortController();
  let ended = false;
  const watch = await new Promise<ReturnType<typeof watchReadable>>((resolve) => {
    const watching = watchReadable(pidfd.fd, () => {
      ended = true;
      patience.abort();
    });
    resolve(watching);
  });
  try {
    await delay(patienceMs, undefined, { signal: patience.signal });
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  } finally {
    watch.close();
  }
  return ended;
}

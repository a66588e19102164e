import { setTimeout as delay } from 'node:timers/promises';
import type { Manager } from '@nsinit/cgroups';
import { errnos, Fd, tryInvoke, watchReadable } from '@nsinit/syscall';
import { inCgroup } from './cgroups.ts';
import { ContainerError } from './errors.ts';
import { hasOwnPidNamespace, processesOf } from './processes.ts';

/** How long a killed process may take to end, in milliseconds: one in an uninterruptible sleep never does. */
const patienceMs = 10_000;

/**
 * Kills processes and waits until they have ended.
 *
 * @param letGo called when all have been signalled: frozen processes end when they are thawed, and not before.
 * @throws {ContainerError} SystemError, naming those that did not end.
 */
async function killAll(pids: readonly number[], letGo?: () => Promise<void>): Promise<void> {
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

/**
 * Kills a container's processes and waits until they are gone. The end of init is that of a pid namespace; without one the
 * control group is what holds them together.
 *
 * @throws {ContainerError} SystemError, naming those that did not end.
 */
export async function killContainer(init: number, manager: Manager | undefined): Promise<void> {
  const group = manager?.exists() ? manager : undefined;
  if (group && !hasOwnPidNamespace(init)) await inCgroup('end the processes', () => group.kill());
  const frozen = group?.state() === 'FROZEN' ? group : undefined;
  await killAll(processesOf(init), frozen && (() => inCgroup('thaw the processes', () => frozen.thaw())));
}

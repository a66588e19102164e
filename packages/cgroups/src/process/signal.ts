import { Fd, invoke, SyscallError, syscallError, tryInvoke } from '@nsinit/syscall';

const ESRCH = 3;

/**
 * Sends a signal to the processes that a list has twice: before a reference to each was taken and after. A process id
 * that was given to another process meanwhile is not hit.
 *
 * @throws {SyscallError} when a process that is still there may not be signalled.
 */
export function signalProcesses(list: () => readonly number[], signalNumber: number): void {
  const references = new Map<number, Fd>();
  try {
    for (const pid of list()) {
      const fd = openProcess(pid);
      if (fd) references.set(pid, fd);
    }
    const still = new Set(list());
    for (const [pid, pidfd] of references) {
      if (!still.has(pid)) continue;
      const args = { pidfd, sig: signalNumber, flags: 0 };
      const result = tryInvoke('pidfd_send_signal', args);
      if (result < 0 && result !== -ESRCH) throw syscallError('pidfd_send_signal', args, -result);
    }
  } finally {
    for (const fd of references.values()) fd.close();
  }
}

/** A reference to a process; undefined when it has ended. pidfd_open(2) */
export function openProcess(pid: number): Fd | undefined {
  try {
    return new Fd(invoke('pidfd_open', { pid, flags: 0 }));
  } catch (error) {
    // EINVAL: not the leader of its thread group, which the list names only while the leader is being replaced.
    if (error instanceof SyscallError && (error.code === 'ESRCH' || error.code === 'EINVAL')) return undefined;
    throw error;
  }
}

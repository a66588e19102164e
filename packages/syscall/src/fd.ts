import { isMainThread } from 'node:worker_threads';
import { invoke, syscallError, tryInvoke } from './invoke.ts';
import type { FdNumber } from './program/values.ts';

/** What a worker thread has open. It belongs to the whole process and would outlive the thread, which closes it last. */
let ofThread: Set<Fd> | undefined;

function remember(fd: Fd): void {
  if (isMainThread) return;
  if (!ofThread) {
    const all = new Set<Fd>();
    process.once('exit', () => {
      for (const one of all) one.close();
    });
    ofThread = all;
  }
  ofThread.add(fd);
}

/**
 * An open file descriptor of this process that is closed when its scope ends, or else when its thread ends:
 *
 * ```ts
 * using dir = new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH', 'O_CLOEXEC'] }));
 * ```
 */
export class Fd implements FdNumber, Disposable {
  #fd: number;

  /** Takes over the descriptor. */
  constructor(fd: number) {
    if (!Number.isInteger(fd) || fd < 0) throw new RangeError(`${fd} is not an open file descriptor`);
    this.#fd = fd;
    remember(this);
  }

  /**
   * The number.
   *
   * @throws {Error} after it was closed or released: the number may belong to another file by then.
   */
  get fd(): number {
    if (this.#fd < 0) throw new Error('the file descriptor is closed');
    return this.#fd;
  }

  /** Whether there is nothing left to close. */
  get closed(): boolean {
    return this.#fd < 0;
  }

  /** Gives the descriptor away: closing it is the caller's business from now on. */
  release(): number {
    const { fd } = this;
    this.#fd = -1;
    ofThread?.delete(this);
    return fd;
  }

  /**
   * Closes it; the second time nothing happens.
   *
   * @throws {SyscallError} when close(2) says EBADF: somebody else closed the number.
   */
  close(): void {
    if (this.#fd < 0) return;
    const fd = this.release();
    const result = tryInvoke('close', { fd: { fd } });
    // Every other error of close(2) leaves the descriptor closed all the same.
    if (result === -9) throw syscallError('close', { fd: { fd } }, 9);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A second descriptor for the same open file, which execve(2) closes: F_DUPFD_CLOEXEC of fcntl(2).
 *
 * @param atLeast the lowest number that it may have.
 * @throws {SyscallError} EMFILE, or EBADF for a descriptor that is not open.
 */
export function duplicate(fd: FdNumber, atLeast = 0): Fd {
  return new Fd(invoke('fcntl', { fd, op: 'F_DUPFD_CLOEXEC', arg: atLeast }));
}

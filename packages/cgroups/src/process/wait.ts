import { setTimeout as sleep } from 'node:timers/promises';
import { type Watch, watchReadable } from '@nsinit/syscall';
import { openProcess } from './signal.ts';

/** The end of a wait. */
export interface Deadline {
  /** Milliseconds left; never below 0. */
  readonly left: () => number;
  readonly signal: AbortSignal | undefined;
}

/** A bound of so many milliseconds from now; undefined: none. */
export function deadline(timeoutMs: number | undefined, signal: AbortSignal | undefined): Deadline {
  const end = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
  return { left: () => Math.max(0, end - performance.now()), signal };
}

/** Sleeps, but not beyond the end. Rejects with the signal's reason. */
export async function pause(milliseconds: number, { left, signal }: Deadline): Promise<void> {
  signal?.throwIfAborted();
  const bounded = Math.min(milliseconds, left());
  try {
    await sleep(bounded, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** The kernel has a table of watches to fill; the first of so many processes ends early enough. */
const mostWatched = 32;

/** Resolves when one of the processes has ended, at once when one cannot be found, or when the time is over. */
export async function anyExit(pids: readonly number[], { left, signal }: Deadline, mostMs: number): Promise<void> {
  signal?.throwIfAborted();
  const opened = pids.slice(0, mostWatched).map(openProcess);
  const watches: Watch[] = [];
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    if (opened.includes(undefined)) return;
    await new Promise<void>((resolve, reject) => {
      for (const fd of opened) if (fd) watches.push(watchReadable(fd.fd, resolve));
      timer = setTimeout(resolve, Math.min(mostMs, left()));
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
    });
  } finally {
    if (abort) signal?.removeEventListener('abort', abort);
    clearTimeout(timer);
    for (const watch of watches) watch.close();
    for (const fd of opened) fd?.close();
  }
}

import { writeSync } from 'node:fs';

/** Something to sleep on: nobody ever wakes it. */
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes all of a text to a descriptor before it returns. Without process.stdout, whose set-up costs as much as the rest
 * of a short command; a reader that has gone away is no failure.
 */
export function print(text: string, fd = 1): void {
  let rest: Uint8Array = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      // A pipe that its other users made non-blocking, and that is full.
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}

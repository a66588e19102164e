import { errnoOf } from '../error.ts';
import type { Deadline } from '../process/wait.ts';
import { type FileWatch, watchFile } from './watch-file.ts';

/** How long a lost notification can delay anybody, in milliseconds. */
const lookAgainMs = 250;

/**
 * Waits until a condition on a file of cgroup v2 holds, told by the kernel when the file changes.
 *
 * @returns whether it holds: false when the time is over.
 */
export async function waitForFile(path: string, holds: () => boolean, { left, signal }: Deadline): Promise<boolean> {
  signal?.throwIfAborted();
  if (holds()) return true;
  let fileWatch: FileWatch | undefined;
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const look = () => {
        try {
          if (holds()) resolve(true);
          else if (left() === 0) resolve(false);
          else {
            clearTimeout(timer);
            timer = setTimeout(look, Math.min(lookAgainMs, left()));
          }
        } catch (error) {
          reject(error);
        }
      };
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      fileWatch = tryWatch(path, look);
      // What happened between the first look and the watch.
      look();
    });
  } finally {
    if (abort) signal?.removeEventListener('abort', abort);
    clearTimeout(timer);
    fileWatch?.close();
  }
}

/** The group may be gone, and a machine may have no watch left to give: then looking again has to do. */
function tryWatch(path: string, changed: () => void): FileWatch | undefined {
  try {
    return watchFile(path, changed);
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ENOSPC', 'EMFILE'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

import { readFileSync } from 'node:fs';
import type { MountinfoEntry } from './entry.ts';
import { MountinfoError } from './error.ts';
import { parseMountinfo } from './parse.ts';

/**
 * Reads the mounts that a process sees: those of its mount namespace that lie under its root directory.
 *
 * The kernel hands the file out in pieces of about a page. A mount or umount meanwhile may be seen or not, but since
 * Linux 5.8 no unrelated mount is lost by it.
 *
 * Names that are no valid UTF-8 come with U+FFFD in place of the bad bytes.
 *
 * @param pid a process id, `'self'` for this process, `'thread-self'` for a thread that left the process's mount namespace
 * @throws {MountinfoError} ERR_MOUNTINFO_READ when there is no such process (ENOENT), it is a zombie (EINVAL) or it
 *   belongs to somebody else and ptrace(2) access is denied (EACCES); ERR_MOUNTINFO_FORMAT as parseMountinfo
 */
export function readMountinfo(pid: number | 'self' | 'thread-self'): readonly MountinfoEntry[] {
  if (typeof pid === 'number' && !(Number.isSafeInteger(pid) && pid > 0))
    throw new MountinfoError('ERR_MOUNTINFO_READ', `process id ${pid} is not a positive integer`);
  const path = `/proc/${pid}/mountinfo`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MountinfoError('ERR_MOUNTINFO_READ', `read ${path}: ${(cause as Error).message}`, { cause });
  }
  return parseMountinfo(text);
}

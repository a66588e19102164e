import { type ErrnoName, invoke, SyscallError } from '@nsinit/syscall';
import { openDirectory } from './directory.ts';

/** Trusted attributes are kept by both versions of the file system, for root alone. */
const attribute = 'trusted.nsinit.parent';

const impossible: ReadonlySet<ErrnoName | `E${number}`> = new Set(['EPERM', 'EOPNOTSUPP', 'EACCES']);

/** Marks a directory as made for groups below it. Without the right to do so the directory stays when they go. */
export function mark(path: string): void {
  try {
    using directory = openDirectory(path);
    invoke('fsetxattr', { fd: directory, name: attribute, value: Buffer.from('1') });
  } catch (error) {
    if (!(error instanceof SyscallError && impossible.has(error.code))) throw error;
  }
}

/** Whether a directory is marked; false when it is gone. */
export function isMarked(path: string): boolean {
  try {
    using directory = openDirectory(path);
    return invoke('fgetxattr', { fd: directory, name: attribute, value: new Uint8Array(8) }) > 0;
  } catch (error) {
    if (!(error instanceof SyscallError)) throw error;
    if (impossible.has(error.code) || error.code === 'ENODATA' || error.code === 'ENOENT') return false;
    throw error;
  }
}

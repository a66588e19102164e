import type { Cell, ProgramBuilder } from '@nsinit/syscall';
import { MountAttribute } from '../options/flags.ts';
import { createMount, kernelLog } from './filesystem.ts';

/**
 * Makes a procfs that is attached nowhere, so that nothing can be mounted over its files: for a container whose
 * configuration mounts none, and for processes that enter a container which may have changed its own.
 *
 * @returns a descriptor of its root; it belongs to the pid namespace of the caller
 */
export function compileTrustedProc(b: ProgramBuilder): Cell<'fd'> {
  const { MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC } = MountAttribute;
  return b.because({ what: 'make a procfs that nobody else can reach' }, () =>
    createMount(
      b,
      {
        type: 'proc',
        source: 'proc',
        parameters: [],
        attributes: MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
      },
      kernelLog(b),
    ),
  );
}

/**
 * Writes a file below a trusted procfs. Links, and mounts over any part of the path, are refused (ELOOP, EXDEV), so the
 * bytes reach procfs or nothing.
 *
 * @param path relative to the procfs: `sys/kernel/shmmni`, `thread-self` excluded as it is a link
 */
export function writeTrustedProc(b: ProgramBuilder, proc: Cell<'fd'>, path: string, text: string): void {
  const resolve = ['RESOLVE_BENEATH', 'RESOLVE_NO_XDEV', 'RESOLVE_NO_SYMLINKS', 'RESOLVE_NO_MAGICLINKS'] as const;
  const fd = b.call(
    'openat2',
    { dirfd: proc, pathname: path, how: { flags: ['O_WRONLY', 'O_CLOEXEC'], resolve } },
    { as: path, on: { EAGAIN: 'retry' } },
  );
  b.call('write', { fd, buf: b.bytes(new TextEncoder().encode(text), JSON.stringify(text)) });
  b.call('close', { fd });
}

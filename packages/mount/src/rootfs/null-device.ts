import { AT_FDCWD, type Cell, constant, type FdArg, fdAt, type ProgramBuilder } from '@nsinit/syscall';
import { openInRoot } from '../paths/index.ts';
import { verifyDevice } from './device-type.ts';
import { ENODEV } from './errnos.ts';

const nullDevice = { type: constant('file_type', 'S_IFCHR'), major: 1, minor: 3 };

/** Opens the host's /dev/null as O_PATH and verifies that it is the null device (1:3). */
export function openHostNull(b: ProgramBuilder): Cell<'fd'> {
  const how = { flags: ['O_PATH', 'O_CLOEXEC'] } as const;
  const fd = b.call('openat2', { dirfd: AT_FDCWD, pathname: '/dev/null', how }, { as: 'null' });
  verifyDevice(b, fd, nullDevice, { what: '/dev/null of the host is another file', errno: ENODEV });
  return fd;
}

/**
 * Replaces standard descriptors that are the host's /dev/null by the container's, which is verified to be the null
 * device. A container without /dev/null keeps the host's.
 *
 * @param descriptors those of 0, 1 and 2 that the caller gave /dev/null
 */
export function compileReopenNull(
  b: ProgramBuilder,
  descriptors: readonly number[],
  { root }: { readonly root: FdArg },
): void {
  if (descriptors.length === 0) return;
  b.because({ what: 'take /dev/null of the container' }, () => {
    const none = b.label('none');
    // As a place first: opening some other device or a FIFO could have effects.
    const place = openInRoot(b, root, '/dev/null', { as: 'place', on: { ENOENT: none } });
    const what = '/dev/null of the container is another file';
    verifyDevice(b, place, nullDevice, { what, errno: ENODEV });
    b.call('close', { fd: place });
    const opened = openInRoot(b, root, '/dev/null', { flags: ['O_RDWR', 'O_NONBLOCK', 'O_NOCTTY'], as: 'null' });
    verifyDevice(b, opened, nullDevice, { what, errno: ENODEV });
    for (const fd of descriptors) b.call('dup3', { oldfd: opened, newfd: fdAt(fd), flags: [] });
    b.call('close', { fd: opened });
    b.place(none);
  });
}

import { type Buf, type Cell, constant, type ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';

const types = { c: 'S_IFCHR', u: 'S_IFCHR', b: 'S_IFBLK', p: 'S_IFIFO' } as const;

/** The S_IF* bits of a device type. @throws {MountError} for a letter that is none */
export function deviceTypeBits(type: string, path: string, field: string): number {
  if (!Object.hasOwn(types, type))
    throw new MountError('ERR_MOUNT_CONFIG', `${type} is not a valid device type for device ${path}`, field);
  return constant('file_type', types[type as keyof typeof types]);
}

/** The number of a device as mknod(2) takes it. */
export function makeDevice(major: number, minor: number): number {
  return ((major << 8) | (minor & 0xff) | ((minor & 0xfff00) << 12)) >>> 0;
}

/** What a node has to be. */
export interface ExpectedDevice {
  /** S_IF* bits. */
  readonly type: number;
  readonly major: number;
  readonly minor: number;
}

const typeMask = 0o170000;

/** Ends the program unless the descriptor is of the device that is expected. A FIFO has no numbers. */
export function verifyDevice(
  b: ProgramBuilder,
  fd: Cell<'fd'>,
  expected: ExpectedDevice,
  { what, errno }: { readonly what: string; readonly errno: number },
  statxbuf: Buf = b.out('statx'),
): void {
  const wrong = b.label('wrong');
  const right = b.label('right');
  const flags = ['AT_EMPTY_PATH', 'AT_SYMLINK_NOFOLLOW'] as const;
  b.call('statx', { dirfd: fd, pathname: '', flags, mask: ['STATX_TYPE'], statxbuf });
  const mode = statxbuf.field('statx', 'stx_mode');
  if (expected.type === constant('file_type', 'S_IFIFO')) {
    b.branch(mode, '==', expected.type, right, { mask: typeMask });
  } else {
    b.branch(mode, '!=', expected.type, wrong, { mask: typeMask });
    b.branch(statxbuf.field('statx', 'stx_rdev_major'), '!=', expected.major, wrong);
    b.branch(statxbuf.field('statx', 'stx_rdev_minor'), '==', expected.minor, right);
  }
  b.place(wrong);
  b.fail({ what, errno });
  b.place(right);
}

import { type Cell, constant, type FdArg, type ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { MountAttribute } from '../options/flags.ts';
import { containerPath, openInRoot } from '../paths/index.ts';
import { cloneMount } from './devices.ts';
import { createMount, kernelLog } from './filesystem.ts';
import { openHostNull } from './null-device.ts';
import { attach } from './prepare.ts';

const typeMask = 0o170000;
const { MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC } = MountAttribute;

/**
 * Hides paths of the container: a directory, with every mount below it, under an empty read-only tmpfs (one file system
 * for all), any other file under /dev/null. A path that does not exist is left out. To be compiled before
 * {@link compilePivot}: the null device is the host's, which no container can replace, and verified.
 *
 * @throws {MountError} for `/`
 */
export function compileMaskPaths(
  b: ProgramBuilder,
  paths: readonly string[] | undefined,
  { root }: { readonly root: FdArg },
): void {
  if (!paths || paths.length === 0) return;
  const nullFd = b.because({ what: 'find /dev/null of the host', field: 'maskPaths' }, () => openHostNull(b));
  // 0 until the first directory needs it.
  const empty = b.variable<'fd'>('empty');
  for (const [index, path] of paths.entries()) {
    const field = `maskPaths[${index}]`;
    if (containerPath(path) === '/') throw new MountError('ERR_MOUNT_CONFIG', '/ cannot be hidden', field);
    b.because({ what: `hide ${path}`, field }, () => {
      const absent = b.label('absent');
      const done = b.label('done');
      const directory = b.label('directory');
      const target = openInRoot(b, root, path, { as: path, on: { ENOENT: absent, ENOTDIR: absent } });
      const statxbuf = b.out('statx');
      b.call('statx', { dirfd: target, pathname: '', flags: ['AT_EMPTY_PATH'], mask: ['STATX_TYPE'], statxbuf });
      const mode = statxbuf.field('statx', 'stx_mode');
      b.branch(mode, '==', constant('file_type', 'S_IFDIR'), directory, { mask: typeMask });
      const cover = cloneMount(b, nullFd);
      attach(b, cover, target);
      b.call('close', { fd: cover }, { next: done });
      b.place(directory);
      hideDirectory(b, target, empty);
      b.place(done);
      b.call('close', { fd: target });
      b.place(absent);
    });
  }
  b.call('close', { fd: nullFd }, { what: 'all is hidden', field: 'maskPaths' });
}

/** The first directory gets the tmpfs itself, the others get copies: a mount that is attached nowhere cannot be copied. */
function hideDirectory(b: ProgramBuilder, target: Cell<'fd'>, empty: Cell<'fd'>): void {
  const again = b.label('again');
  const hidden = b.label('hidden');
  b.branch(empty, '!=', 0, again);
  const mount = createMount(
    b,
    {
      type: 'tmpfs',
      source: 'tmpfs',
      parameters: [
        { name: 'nr_blocks', value: '1' },
        { name: 'nr_inodes', value: '1' },
        { name: 'mode', value: '755' },
      ],
      attributes: MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
    },
    kernelLog(b),
  );
  b.assign(empty, mount);
  attach(b, mount, target);
  b.jump(hidden);
  b.place(again);
  const copy = cloneMount(b, empty);
  attach(b, copy, target);
  b.call('close', { fd: copy });
  b.place(hidden);
}

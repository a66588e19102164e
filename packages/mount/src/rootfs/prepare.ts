import { AT_FDCWD, type Cell, type FdNumber, type ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import type { RootfsConfig } from './types.ts';

/**
 * Cuts the mount namespace off from the host's (mounts made here stay here) and makes the root file system a mount of
 * its own, submounts included, as pivot_root(2) wants it. From here on the umask is 0, so that modes are exact.
 *
 * @param tree the root file system's mount when it was made beforehand; undefined: it is made here.
 * @returns an O_PATH descriptor of the root file system's mount, the `root` of everything else
 * @throws {MountError} when `rootfs` is not absolute
 */
export function compilePrepareRoot(
  b: ProgramBuilder,
  { rootfs, privateFs = false }: Pick<RootfsConfig, 'rootfs' | 'privateFs'>,
  tree?: FdNumber,
): Cell<'fd'> {
  if (!rootfs.startsWith('/'))
    throw new MountError('ERR_MOUNT_CONFIG', `${JSON.stringify(rootfs)} is not an absolute path`, 'rootfs');
  b.call('umask', { mask: 0 }, { what: 'give files exactly the modes that they are made with' });
  b.call(
    'mount',
    {
      source: null,
      target: '/',
      filesystemtype: null,
      mountflags: ['MS_REC', privateFs ? 'MS_PRIVATE' : 'MS_SLAVE'],
      data: null,
    },
    { what: 'keep mounts of the container from the host', field: 'privateFs' },
  );
  return b.because({ what: 'make the root file system a mount of its own', field: 'rootfs' }, () => {
    const how = { flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], resolve: ['RESOLVE_NO_SYMLINKS'] } as const;
    const place = b.call('openat2', { dirfd: AT_FDCWD, pathname: rootfs, how }, { as: 'rootfs' });
    const flags = ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH', 'AT_RECURSIVE'] as const;
    const root = tree
      ? duplicate(b, tree, 'root')
      : b.call('open_tree', { dirfd: place, path: '', flags }, { as: 'root' });
    attach(b, root, place);
    b.call('close', { fd: place });
    return root;
  });
}

/** A detached mount that was opened beforehand, as a descriptor of one's own. */
export function duplicate(b: ProgramBuilder, tree: FdNumber, name: string): Cell<'fd'> {
  return b.call('fcntl', { fd: tree, op: 'F_DUPFD_CLOEXEC', arg: 0 }, { as: name });
}

/** Attaches a detached mount to a place, both by descriptor. */
export function attach(b: ProgramBuilder, mount: Cell<'fd'>, target: Cell<'fd'>): void {
  b.call('move_mount', {
    from_dirfd: mount,
    from_path: '',
    to_dirfd: target,
    to_path: '',
    flags: ['MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH'],
  });
}

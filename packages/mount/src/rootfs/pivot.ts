import { AT_FDCWD, type Cell, type ProgramBuilder } from '@nsinit/syscall';
import type { MountinfoEntry } from '../mountinfo/index.ts';
import { isInside } from '../paths/index.ts';

/** What {@link compilePivot} works on. */
export interface PivotOptions {
  /** The root of the container, see {@link compilePrepareRoot}. */
  readonly root: Cell<'fd'>;
  /** Uses MS_MOVE and chroot(2): on an initramfs pivot_root(2) is EINVAL. */
  readonly noPivotRoot?: boolean;
  /**
   * Mount points of the host that chroot leaves in the mount namespace and that must go, see
   * {@link revealingMounts}; undefined: /proc and /sys.
   */
  readonly hostMounts?: readonly string[];
}

/**
 * The mounts of procfs and sysfs outside of the root file system, innermost first. After chroot(2) they would still be in the
 * mount namespace, and the kernel allows a new, unmasked procfs to whom an unmasked one is visible.
 */
export function revealingMounts(mounts: readonly MountinfoEntry[], rootfs: string): readonly string[] {
  return mounts
    .filter(({ fsType, mountPoint }) => (fsType === 'proc' || fsType === 'sysfs') && !isInside(mountPoint, rootfs))
    .map(({ mountPoint }) => mountPoint)
    .reverse();
}

/** Makes the root file system the root of the mount namespace (or of the process) and goes there. The old one is let go. */
export function compilePivot(b: ProgramBuilder, { root, noPivotRoot = false, hostMounts }: PivotOptions): void {
  b.because({ what: 'make the root file system the root', field: noPivotRoot ? 'noPivotRoot' : 'rootfs' }, () => {
    if (noPivotRoot) {
      for (const path of hostMounts ?? ['/proc', '/sys']) hide(b, path);
      moveRoot(b, root);
    } else pivot(b, root);
    b.call('chdir', { path: '/' });
  });
}

/**
 * pivot_root(2), "pivot_root(".", ".")": the old root comes to lie on top of the new one, where "." finds it, and no
 * directory for it is needed: the root file system may be read-only.
 */
function pivot(b: ProgramBuilder, root: Cell<'fd'>): void {
  b.call('fchdir', { fd: root });
  b.call('pivot_root', { new_root: '.', put_old: '.' });
  // Its mounts are slaves or private, so that nothing is unmounted on the host.
  b.call('umount2', { target: '.', flags: ['MNT_DETACH'] });
}

function moveRoot(b: ProgramBuilder, root: Cell<'fd'>): void {
  b.call('move_mount', {
    from_dirfd: root,
    from_path: '',
    to_dirfd: AT_FDCWD,
    to_path: '/',
    flags: ['MOVE_MOUNT_F_EMPTY_PATH'],
  });
  b.call('fchdir', { fd: root });
  b.call('chroot', { path: '.' });
}

function hide(b: ProgramBuilder, path: string): void {
  const locked = b.label('locked');
  const hidden = b.label('hidden');
  b.because({ what: `let go of the host's ${path}` }, () => {
    b.call(
      'umount2',
      { target: path, flags: ['MNT_DETACH', 'UMOUNT_NOFOLLOW'] },
      // EINVAL: not a mount point, or one that a user namespace may not take away.
      { on: { EINVAL: locked, EPERM: locked, ENOENT: hidden }, next: hidden },
    );
    b.place(locked);
    b.call('mount', {
      source: 'tmpfs',
      target: path,
      filesystemtype: 'tmpfs',
      mountflags: ['MS_RDONLY', 'MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC'],
      data: 'nr_blocks=1,nr_inodes=1',
    });
    b.place(hidden);
  });
}

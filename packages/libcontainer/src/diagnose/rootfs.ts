import type { Explanation, Failure, Rule } from './failure.ts';
import { whyRefused } from './privilege.ts';
import { openProcessView, readMounts } from './view.ts';
import { faultOnTheWay } from './way.ts';

/** Failures of making the root file system the root. */
export const rootfsRules: readonly Rule[] = [
  { field: /^rootfs$/, ops: ['openat2'], explain: explainMissing },
  { field: /^rootfs$/, ops: ['open_tree'], errnos: ['EINVAL'], explain: explainUnbindable },
  { ops: ['pivot_root'], explain: explainPivot },
  {
    field: /^(?:rootfs|noPivotRoot|privateFs|readonlyFs)$/,
    errnos: ['EPERM'],
    explain: (failure) => whyRefused(failure, 'CAP_SYS_ADMIN'),
  },
  { field: /^privateFs$/, ops: ['mount'], errnos: ['EINVAL'], explain: explainNoMountpoint },
];

function explainMissing(failure: Failure): Explanation | undefined {
  const path = failure.string(1) ?? failure.context.rootfs;
  const opened = openProcessView(failure.context);
  if (opened === undefined) return undefined;
  using view = opened;
  const fault = faultOnTheWay(view, path, failure.actor, { noSymlinks: true });
  // The way is free when it ends at something else than a directory.
  if (!fault) return failure.errno === 'ENOTDIR' ? { cause: `${path} is not a directory`, path } : undefined;
  const { outcome, cause } = fault;
  if (outcome === 'symlink')
    return {
      cause,
      path: fault.path,
      hint: 'give the path that it leads to: no part of the path of the root file system may be a link',
    };
  if (outcome !== 'missing') return { cause, path: fault.path, hint: fault.hint };
  return { cause, path: fault.path, hint: 'make the directory and put a root file system into it, or correct rootfs' };
}

function explainUnbindable(failure: Failure): Explanation | undefined {
  const { rootfs, pid } = failure.context;
  const covering = readMounts(pid ?? 'self').filter(
    ({ mountPoint }) => mountPoint === '/' || rootfs === mountPoint || rootfs.startsWith(`${mountPoint}/`),
  );
  const unbindable = covering.find(({ propagation }) => propagation.unbindable);
  if (!unbindable) return undefined;
  return {
    cause: `${unbindable.mountPoint} is mounted unbindable`,
    path: unbindable.mountPoint,
    hint: `mount --make-private ${unbindable.mountPoint}`,
  };
}

function explainPivot(failure: Failure): Explanation | undefined {
  if (failure.errno === 'EPERM') return whyRefused(failure, 'CAP_SYS_ADMIN');
  const mounts = readMounts(failure.context.pid ?? 'self');
  if (failure.errno === 'EBUSY')
    return { cause: 'the root file system is the root already', path: failure.context.rootfs };
  if (failure.errno !== 'EINVAL') return undefined;
  const roots = mounts.filter(({ mountPoint }) => mountPoint === '/');
  if (roots.some(({ fsType }) => fsType === 'rootfs'))
    return {
      cause: 'the root of this host is an initramfs (rootfs), which pivot_root cannot exchange',
      path: '/',
      hint: 'set noPivotRoot to true',
    };
  if (roots.length === 0)
    return {
      cause: 'this process runs in a chroot: its root is no mount point, and pivot_root needs one',
      path: '/',
      hint: 'set noPivotRoot to true',
    };
  const shared = mounts.find(({ mountPoint, propagation }) => mountPoint === '/' && propagation.shared !== undefined);
  if (shared) return { cause: 'the mount of / is shared, and pivot_root needs a private one', path: '/' };
  return {
    cause: 'the old or the new root is no mount point, or the kernel\u2019s first root file system',
    path: failure.context.rootfs,
    hint: 'set noPivotRoot to true',
  };
}

function explainNoMountpoint({ context }: Failure): Explanation | undefined {
  if (readMounts(context.pid ?? 'self').some(({ mountPoint }) => mountPoint === '/')) return undefined;
  return {
    cause: 'this process runs in a chroot: its / is no mount point',
    path: '/',
    hint: 'start it with its root on a mount: mount --bind DIR DIR before chroot DIR',
  };
}

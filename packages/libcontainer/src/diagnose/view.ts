import { readFileSync } from 'node:fs';
import { type MountinfoEntry, MountinfoError, parseMountinfo } from '@nsinit/mount';
import { AT_FDCWD, Fd, tryInvoke } from '@nsinit/syscall';
import { isSystemError } from './host.ts';

/** A root directory to look at, with the mounts that its process sees. */
export class View implements Disposable {
  readonly root: Fd;
  /** Mounts by their id. */
  readonly mounts: ReadonlyMap<number, MountinfoEntry>;

  constructor(root: Fd, mounts: ReadonlyMap<number, MountinfoEntry>) {
    this.root = root;
    this.mounts = mounts;
  }

  [Symbol.dispose](): void {
    this.root.close();
  }
}

/** What a view can be opened from. */
export interface ViewContext {
  /** The process; undefined when there is none yet. */
  readonly pid?: number | undefined;
  /** The root file system on the host. */
  readonly rootfs: string;
}

/** Everything as the process sees it; as this process sees it when there is none. */
export function openProcessView({ pid }: Pick<ViewContext, 'pid'>): View | undefined {
  const of = (pid !== undefined && openView(`/proc/${pid}/root`, pid)) || undefined;
  return of ?? openView('/', 'self');
}

/** The root of a process that stands in its container; the root file system on the host when it cannot be looked at. */
export function openContainerView({ pid, rootfs }: ViewContext): View | undefined {
  const of = (pid !== undefined && openView(`/proc/${pid}/root`, pid)) || undefined;
  return of ?? openView(rootfs, 'self');
}

/** The root file system while the process still stands outside of it: with the mounts that were made there so far. */
export function openRootfsView({ pid, rootfs }: ViewContext): View | undefined {
  if (pid === undefined) return openView(rootfs, 'self');
  const process = openView(`/proc/${pid}/root`, pid);
  if (process === undefined) return openView(rootfs, 'self');
  using host = process;
  const opened = tryInvoke('openat2', {
    dirfd: host.root,
    pathname: rootfs,
    how: { flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] },
  });
  return opened < 0 ? undefined : new View(new Fd(opened), host.mounts);
}

function openView(path: string, pid: number | 'self'): View | undefined {
  const opened = tryInvoke('openat', {
    dirfd: AT_FDCWD,
    pathname: path,
    flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'],
  });
  return opened < 0 ? undefined : new View(new Fd(opened), new Map(readMounts(pid).map((entry) => [entry.id, entry])));
}

/** The mounts of a process; none when they cannot be read. */
export function readMounts(pid: number | 'self'): readonly MountinfoEntry[] {
  try {
    return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'));
  } catch (error) {
    if (isSystemError(error) || error instanceof MountinfoError) return [];
    throw error;
  }
}

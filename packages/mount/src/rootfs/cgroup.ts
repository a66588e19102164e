import { AT_FDCWD, type Buf, type FdArg, type ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { MountAttribute, MountFlag } from '../options/flags.ts';
import { toMountAttributes } from '../options/index.ts';
import { openOrCreateDirectory } from '../paths/index.ts';
import { createMount } from './filesystem.ts';
import { attach } from './prepare.ts';
import { setAttributes } from './propagation.ts';
import type { MountEntry } from './types.ts';

/** One control group directory that a container sees. */
export interface CgroupMount {
  /** Absolute path of the host: the container's own group in one hierarchy. */
  readonly source: string;
  /** Name of the directory below the destination (`cpu,cpuacct`); empty: the destination itself, for a single cgroup2. */
  readonly name: string;
}

/**
 * Shows the container its own control groups, read-only: a tmpfs with one directory per hierarchy, or the only
 * hierarchy itself.
 *
 * @throws {MountError} without `cgroupMounts`, or for names that cannot be directories
 */
export function compileCgroup(
  b: ProgramBuilder,
  options: { readonly root: FdArg; readonly cgroupMounts?: readonly CgroupMount[]; readonly log: Buf },
  entry: MountEntry,
  path: string,
  field: string,
): void {
  const mounts = options.cgroupMounts ?? [];
  if (mounts.length === 0)
    throw new MountError('ERR_MOUNT_CONFIG', 'a cgroup mount needs control groups, and the container has none', field);
  const target = openOrCreateDirectory(b, options.root, path);
  const set = toMountAttributes(entry.flags | MountFlag.MS_RDONLY).set;
  if (mounts.length === 1 && mounts[0]!.name === '') {
    const tree = cloneTree(b, mounts[0]!.source);
    setAttributes(b, tree, { set, recursive: true });
    attach(b, tree, target);
    b.call('close', { fd: tree });
    b.call('close', { fd: target });
    return;
  }
  const { MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_NOEXEC } = MountAttribute;
  const attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  const parameters = [{ name: 'mode', value: '755' }];
  const directory = createMount(b, { type: 'tmpfs', source: 'tmpfs', parameters, attributes }, options.log);
  attach(b, directory, target);
  for (const { source, name } of mounts) {
    if (name === '' || name === '.' || name === '..' || name.includes('/'))
      throw new MountError('ERR_MOUNT_CONFIG', `${JSON.stringify(name)} cannot be the name of a directory`, field);
    const tree = cloneTree(b, source);
    setAttributes(b, tree, { set, recursive: true });
    b.call('mkdirat', { dirfd: directory, pathname: name, mode: 0o755 });
    b.call('move_mount', {
      from_dirfd: tree,
      from_path: '',
      to_dirfd: directory,
      to_path: name,
      flags: ['MOVE_MOUNT_F_EMPTY_PATH'],
    });
    b.call('close', { fd: tree });
  }
  b.call('close', { fd: directory });
  b.call('close', { fd: target });
}

function cloneTree(b: ProgramBuilder, source: string) {
  const flags = ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_RECURSIVE'] as const;
  return b.call('open_tree', { dirfd: AT_FDCWD, path: source, flags }, { as: 'hierarchy' });
}

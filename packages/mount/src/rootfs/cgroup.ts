import type { Buf, Cell, FdArg, ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { MountAttribute, MountFlag } from '../options/flags.ts';
import { type MountParameter, toMountAttributes } from '../options/index.ts';
import { openOrCreateDirectory } from '../paths/index.ts';
import { compileChild } from './child.ts';
import { createMount } from './filesystem.ts';
import type { CgroupHierarchy } from './hierarchies.ts';
import { attach } from './prepare.ts';
import { propagationOf, setAttributes } from './propagation.ts';
import type { MountEntry } from './types.ts';

/** The control groups that a `cgroup` mount shows. */
export interface CgroupView {
  /** Those that the host has mounted, see {@link cgroupHierarchies}. */
  readonly hierarchies: readonly CgroupHierarchy[];
  /** Whether the process is in a cgroup namespace that was made when it was in its groups already. */
  readonly ownNamespace: boolean;
}

/** What {@link compileCgroup} works on. */
export interface CgroupMountOptions {
  readonly root: FdArg;
  readonly cgroups?: CgroupView | undefined;
  readonly log: Buf;
  readonly field: string;
  /** SELinux label of the directory that holds the hierarchies; undefined: none. */
  readonly label?: string | undefined;
}

/**
 * Shows the container its own control groups: the only hierarchy itself where that is of version 2, else a tmpfs with a
 * directory for each one (`cpu,cpuacct`, with a link for each of the two; `unified` for version 2). It is read-only unless
 * the entry's data is `rw`, and always nosuid, nodev and noexec.
 *
 * No path of the host is needed: a mount of control groups that is made in a cgroup namespace shows the group in
 * which the namespace was made. Where the container has no such namespace, a child process makes the mounts in one
 * that ends with it. cgroup_namespaces(7)
 *
 * @throws {MountError} without `cgroups`, without hierarchies, or for names that cannot be directories
 */
export function compileCgroup(b: ProgramBuilder, options: CgroupMountOptions, entry: MountEntry, path: string): void {
  const { cgroups, field } = options;
  const { hierarchies = [], ownNamespace } = cgroups ?? {};
  if (hierarchies.length === 0) {
    const why = cgroups ? 'the host has none mounted' : 'the container has none: give it a cgroups section';
    throw new MountError('ERR_MOUNT_CONFIG', `a cgroup mount needs control groups, and ${why}`, field);
  }
  const readonly = isReadonly(entry, field);
  const attributes = toMountAttributes(entry.flags & ~MountFlag.MS_RDONLY).set | restricted;
  const propagation = propagationOf(entry.flags, field);
  const make = () => {
    const target = openOrCreateDirectory(b, options.root, path);
    const [only] = hierarchies;
    const alone = hierarchies.length === 1 && only?.version === 2;
    const mount = alone
      ? mountHierarchy(b, only, { source: entry.source, attributes, log: options.log })
      : mountDirectory(b, options, attributes);
    attach(b, mount, target);
    if (!alone)
      for (const hierarchy of hierarchies) addHierarchy(b, mount, hierarchy, { ...options, entry, attributes });
    setAttributes(b, mount, { set: readonly ? MountAttribute.MOUNT_ATTR_RDONLY : 0, propagation, recursive: true });
    b.call('close', { fd: mount });
    b.call('close', { fd: target });
  };
  if (ownNamespace) make();
  else
    compileChild(b, { name: 'the process that mounts control groups', namespaces: ['CLONE_NEWCGROUP'] }, () => {
      make();
      b.call('exit_group', { status: 0 });
    });
}

const restricted =
  MountAttribute.MOUNT_ATTR_NOSUID | MountAttribute.MOUNT_ATTR_NODEV | MountAttribute.MOUNT_ATTR_NOEXEC;

/** `rw` has to be said: flags of 0 have always been a read-only mount of control groups. */
function isReadonly({ flags, data = '' }: MountEntry, field: string): boolean {
  if (!['', 'ro', 'rw'].includes(data))
    throw new MountError('ERR_MOUNT_CONFIG', `the data of a cgroup mount is ro or rw, not ${data}`, field);
  if (data === 'rw' && flags & MountFlag.MS_RDONLY)
    throw new MountError('ERR_MOUNT_CONFIG', 'a cgroup mount cannot be read-only and rw', field);
  return data !== 'rw';
}

interface HierarchyOptions {
  /** What mountinfo shows. */
  readonly source: string;
  readonly attributes: number;
  readonly log: Buf;
}

function mountHierarchy(
  b: ProgramBuilder,
  { version, controllers, name }: CgroupHierarchy,
  options: HierarchyOptions,
): Cell<'fd'> {
  const parameters: MountParameter[] = controllers.map((controller) => ({ name: controller }));
  if (version === 1 && controllers.length === 0) parameters.push({ name: 'none' });
  if (name !== undefined) parameters.push({ name: 'name', value: name });
  return createMount(b, { ...options, type: version === 2 ? 'cgroup2' : 'cgroup', parameters }, options.log);
}

function mountDirectory(b: ProgramBuilder, { log, label }: CgroupMountOptions, attributes: number): Cell<'fd'> {
  const parameters: MountParameter[] = [{ name: 'mode', value: '755' }];
  if (label) parameters.push({ name: 'context', value: label });
  return createMount(b, { type: 'tmpfs', source: 'tmpfs', parameters, attributes }, log);
}

function addHierarchy(
  b: ProgramBuilder,
  directory: Cell<'fd'>,
  hierarchy: CgroupHierarchy,
  { entry, attributes, log, field }: CgroupMountOptions & { readonly entry: MountEntry; readonly attributes: number },
): void {
  const { version, controllers, name } = hierarchy;
  const pathname = version === 2 ? 'unified' : controllers.join() || name!;
  if (pathname === '.' || pathname === '..')
    throw new MountError('ERR_MOUNT_CONFIG', `${JSON.stringify(pathname)} cannot be the name of a directory`, field);
  const mount = mountHierarchy(b, hierarchy, { source: entry.source, attributes, log });
  b.call('mkdirat', { dirfd: directory, pathname, mode: 0o755 });
  b.call('move_mount', {
    from_dirfd: mount,
    from_path: '',
    to_dirfd: directory,
    to_path: pathname,
    flags: ['MOVE_MOUNT_F_EMPTY_PATH'],
  });
  b.call('close', { fd: mount });
  if (controllers.length < 2) return;
  for (const controller of controllers)
    b.call('symlinkat', { target: pathname, newdirfd: directory, linkpath: controller });
}

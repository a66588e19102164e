import { CgroupError } from '../error.ts';
import type { Hierarchy } from './layout.ts';
import { type CgroupMembership, membershipPath } from './proc-cgroup.ts';

/** Which group is meant, in every hierarchy. */
export interface GroupName {
  /** Absolute: from the hierarchy's root. Relative, or undefined: below the group of this process. */
  readonly parent?: string | undefined;
  /** The last part of the path. */
  readonly name?: string | undefined;
}

/**
 * The components of a group's path, without empty ones.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID for `.` and `..`, a NUL byte, a line break, or no component at all.
 */
export function pathComponents(name: GroupName): readonly string[] {
  const joined = `${name.parent ?? ''}/${name.name ?? ''}`;
  const components = joined.split('/').filter((component) => component !== '');
  const refuse = (why: string, hint: string): never => {
    throw new CgroupError('ERR_CGROUP_INVALID', `${JSON.stringify(joined)} ${why}`, {
      path: joined,
      field: 'path',
      hint,
    });
  };
  if (components.some((component) => component === '.' || component === '..'))
    refuse('leaves its place', 'a path of a control group has no component . or ..');
  if (/[\0\n]/.test(joined)) refuse('holds a NUL byte or a line break', 'the kernel allows neither in a name');
  if (components.some((component) => Buffer.byteLength(component) > 255))
    refuse('has a component of more than 255 bytes', 'shorten it');
  if (components.length === 0) refuse('names no group', 'give a name: the root group is not ours to manage');
  return components;
}

/**
 * The directory of a group in one hierarchy. On cgroup v2 a relative path starts beside the group of this process, not
 * below it: a group with processes in it may give no controllers to those below.
 */
export function groupDirectory(
  hierarchy: Hierarchy,
  memberships: readonly CgroupMembership[],
  name: GroupName,
): string {
  return `${parentOf(hierarchy, memberships, name)}/${pathComponents(name).join('/')}`;
}

/** The directory that a group's components are made in: the mount point, or the place of this process. */
export function parentOf(hierarchy: Hierarchy, memberships: readonly CgroupMembership[], name: GroupName): string {
  if (name.parent?.startsWith('/')) return hierarchy.mountPoint;
  const own = membershipPath(memberships, hierarchy.version === 2 ? '' : (hierarchy.controllers[0] ?? '')) ?? '/';
  const visible = below(hierarchy.root, own);
  const start = hierarchy.version === 2 ? visible.slice(0, Math.max(0, visible.lastIndexOf('/'))) : visible;
  return start === '/' || start === '' ? hierarchy.mountPoint : `${hierarchy.mountPoint}${start}`;
}

/** A path of the hierarchy as it is seen below the group that is mounted. */
function below(root: string, path: string): string {
  if (root === '/') return path;
  if (path === root) return '/';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : path;
}

import { readFileSync } from 'node:fs';
import { CgroupError } from '../error.ts';
import { Group } from '../fs/group.ts';
import { lines } from '../text/parse.ts';
import { type CgroupMount, parseCgroupMounts } from './mountinfo.ts';
import { type CgroupMembership, parseProcCgroup } from './proc-cgroup.ts';

/** One hierarchy with what is controlled there. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** On v1 as mounted, `name=systemd` for a named one; on v2 those which the root group offers. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** The group that is seen at the mount point. */
  readonly root: string;
}

/** How a host arranges its control groups. */
export interface Layout {
  /** `hybrid`: both kinds are mounted, whichever of them has the controllers. `none`: nothing is mounted. */
  readonly kind: 'v1' | 'v2' | 'hybrid' | 'none';
  readonly v1: readonly Hierarchy[];
  readonly v2: Hierarchy | undefined;
}

/** Mount options of a v1 hierarchy that are no controllers. */
const plainOptions: ReadonlySet<string> = new Set([
  'rw',
  'ro',
  'xattr',
  'noprefix',
  'clone_children',
  'cpuset_v2_mode',
  'favordynmods',
  'nofavordynmods',
  'none',
  'all',
  'seclabel',
]);

/**
 * The layout that the text of /proc/self/mountinfo shows. Of several mounts of a hierarchy the first one counts.
 *
 * @param controllersOf - the text of cgroup.controllers at a mount point of cgroup v2.
 */
export function layoutFrom(mountinfo: string, controllersOf: (mountPoint: string) => string): Layout {
  const v1: Hierarchy[] = [];
  let v2: Hierarchy | undefined;
  for (const mount of parseCgroupMounts(mountinfo)) {
    const { version, mountPoint, root } = mount;
    if (version === 2) {
      v2 ??= { version, mountPoint, root, controllers: controllersOf(mountPoint).split(/\s+/).filter(Boolean) };
      continue;
    }
    const controllers = v1Controllers(mount);
    const known = v1.some((other) => other.controllers.some((name) => controllers.includes(name)));
    if (!known && controllers.length > 0) v1.push({ version, mountPoint, root, controllers });
  }
  return { kind: kindOf(v1.length > 0, v2 !== undefined), v1, v2 };
}

function v1Controllers(mount: CgroupMount): readonly string[] {
  return mount.options.filter(
    (option) => !plainOptions.has(option) && (option.startsWith('name=') || !option.includes('=')),
  );
}

function kindOf(v1: boolean, v2: boolean): Layout['kind'] {
  if (v1) return v2 ? 'hybrid' : 'v1';
  return v2 ? 'v2' : 'none';
}

/** The layout of this host, as this process sees it. */
export function detectLayout(): Layout {
  const controllersOf = (mountPoint: string) => new Group(mountPoint).tryRead('cgroup.controllers') ?? '';
  return layoutFrom(readFileSync('/proc/self/mountinfo', 'utf8'), controllersOf);
}

/** Where this process is in each hierarchy. */
export function ownMemberships(): readonly CgroupMembership[] {
  return parseProcCgroup(readFileSync('/proc/self/cgroup', 'utf8'));
}

/** The hierarchy that has a controller; undefined when none has. */
export function hierarchyOf(layout: Layout, controller: string): Hierarchy | undefined {
  return [...layout.v1, ...(layout.v2 ? [layout.v2] : [])].find(({ controllers }) => controllers.includes(controller));
}

/**
 * The mount point of a controller's hierarchy.
 *
 * @throws {CgroupError} ERR_CGROUP_CONTROLLER when no hierarchy has it.
 */
export function controllerMountPoint(layout: Layout, controller: string): string {
  const found = hierarchyOf(layout, controller);
  if (found) return found.mountPoint;
  throw new CgroupError('ERR_CGROUP_CONTROLLER', `mountpoint for ${controller} not found`, {
    hint: `the kernel lacks the ${controller} controller, or it is off (cgroup_disable=), or not mounted`,
  });
}

/** The controllers that are compiled in and not switched off, from the text of /proc/cgroups. */
export function parseProcCgroups(text: string): readonly string[] {
  return lines(text)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split(/\s+/))
    .filter((fields) => fields[3] !== '0')
    .map(([name = '']) => name);
}

import { type Config, findNamespace } from '@nsinit/config';
import { type CgroupView, cgroupHierarchies, readMountinfo } from '@nsinit/mount';

/** What a mount of control groups shows; undefined: there is no such mount, or no group of the container's own. */
export function cgroupView(config: Config): CgroupView | undefined {
  if (!config.cgroups || !config.mounts?.some(({ device }) => device === 'cgroup')) return undefined;
  const namespace = findNamespace(config.namespaces, 'NEWCGROUP');
  return {
    hierarchies: cgroupHierarchies(readMountinfo('self')),
    // One that is joined may have another group as its root.
    ownNamespace: namespace !== undefined && !namespace.path,
  };
}

import { dirname } from 'node:path';
import type { Controller } from '../controller.ts';
import { Group } from '../fs/group.ts';

/** The cpuset controller: cpuset(7), Documentation/admin-guide/cgroup-v1/cpusets.rst */
export const cpuset: Controller = {
  name: 'cpuset',
  writes: ({ cpusetCpus, cpusetMems }) => [
    ...(cpusetCpus ? [{ file: 'cpuset.cpus', value: cpusetCpus, field: 'cpusetCpus' }] : []),
    ...(cpusetMems ? [{ file: 'cpuset.mems', value: cpusetMems, field: 'cpusetMems' }] : []),
  ],
};

/**
 * A new group of this controller has no CPU and no memory node, and takes no process before it has both: they are
 * copied from the parent, from the topmost group that lacks them downwards.
 *
 * @param top - the mount point, which always has them.
 */
export function inheritCpuset(directory: string, top: string): void {
  if (directory === top || !directory.startsWith(`${top}/`)) return;
  inheritCpuset(dirname(directory), top);
  const group = new Group(directory);
  const parent = new Group(dirname(directory));
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (group.read(file).trim() !== '') continue;
    group.write(file, parent.read(file).trim());
  }
}

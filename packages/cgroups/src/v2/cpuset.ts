import type { Controller } from '../controller.ts';

/** The cpuset controller: Documentation/admin-guide/cgroup-v2.rst. An empty group uses what its parent has. */
export const cpuset: Controller = {
  name: 'cpuset',
  writes: ({ cpusetCpus, cpusetMems }) => [
    ...(cpusetCpus ? [{ file: 'cpuset.cpus', value: cpusetCpus, field: 'cpusetCpus' }] : []),
    ...(cpusetMems ? [{ file: 'cpuset.mems', value: cpusetMems, field: 'cpusetMems' }] : []),
  ],
};

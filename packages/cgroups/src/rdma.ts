import type { Controller } from './controller.ts';
import { undoLine } from './fs/write.ts';
import type { RdmaLimit } from './resources.ts';
import { parseNestedKeyed } from './text/parse.ts';

/** The rdma controller, which is the same on both versions: Documentation/admin-guide/cgroup-v1/rdma.rst */
export const rdma: Controller = {
  name: 'rdma',
  writes: ({ rdma: limits }) =>
    (limits ?? []).map((limit, index) => ({
      file: 'rdma.max',
      value: rdmaLine(limit),
      field: `rdma[${index}]`,
      undo: undoLine(limit.device, (device) => `${device} hca_handle=max hca_object=max`),
    })),
  stats: (group, into) => {
    const current = group.tryValue('rdma.current', parseNestedKeyed);
    if (!current) return;
    const limits = group.value('rdma.max', parseNestedKeyed);
    into.rdma = Object.fromEntries(
      [...current].map(([device, used]) => [
        device,
        {
          hcaHandles: used['hca_handle'] ?? 0n,
          hcaObjects: used['hca_object'] ?? 0n,
          hcaHandlesLimit: limits.get(device)?.['hca_handle'],
          hcaObjectsLimit: limits.get(device)?.['hca_object'],
        },
      ]),
    );
  },
};

function rdmaLine({ device, hcaHandles, hcaObjects }: RdmaLimit): string {
  const part = (key: string, value: number | undefined) =>
    value === undefined ? [] : [`${key}=${value < 0 ? 'max' : value}`];
  return [device, ...part('hca_handle', hcaHandles), ...part('hca_object', hcaObjects)].join(' ');
}

import type { Controller } from '../controller.ts';
import { undoLine } from '../fs/write.ts';

/** The net_cls controller: Documentation/admin-guide/cgroup-v1/net_cls.rst */
export const netCls: Controller = {
  name: 'net_cls',
  writes: ({ netClsClassid }) =>
    netClsClassid ? [{ file: 'net_cls.classid', value: netClsClassid, field: 'netClsClassid' }] : [],
};

/** The net_prio controller: Documentation/admin-guide/cgroup-v1/net_prio.rst */
export const netPrio: Controller = {
  name: 'net_prio',
  writes: ({ netPrioIfpriomap }) =>
    (netPrioIfpriomap ?? []).map(({ interface: name, priority }, index) => ({
      file: 'net_prio.ifpriomap',
      value: `${name} ${priority}`,
      field: `netPrioIfpriomap[${index}]`,
      undo: undoLine(name, (key) => `${key} 0`),
    })),
};

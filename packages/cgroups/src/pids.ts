import { type Controller, orMax } from './controller.ts';
import { parseFlatKeyed, parseMax, parseUint } from './text/parse.ts';

/** The pids controller, which is the same on both versions: Documentation/admin-guide/cgroup-v1/pids.rst */
export const pids: Controller = {
  name: 'pids',
  writes: ({ pidsLimit }) =>
    pidsLimit === undefined ? [] : [{ file: 'pids.max', value: orMax(pidsLimit), field: 'pidsLimit' }],
  stats: (group, into) => {
    const current = group.tryValue('pids.current', parseUint);
    if (current === undefined) return;
    into.pids = {
      current,
      limit: group.tryValue('pids.max', parseMax),
      peak: group.tryValue('pids.peak', parseUint),
      failures: group.tryValue('pids.events', parseFlatKeyed)?.['max'],
    };
  },
};

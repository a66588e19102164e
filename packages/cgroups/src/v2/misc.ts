import type { Controller } from '../controller.ts';
import { lines, parseFlatKeyed, parseMax } from '../text/parse.ts';

/** The misc controller, whose limits are set by `unified`: Documentation/admin-guide/cgroup-v2.rst. Kernel 5.13 */
export const misc: Controller = {
  name: 'misc',
  writes: () => [],
  stats: (group, into) => {
    const current = group.tryValue('misc.current', parseFlatKeyed);
    if (!current) return;
    const limits = group.tryValue('misc.max', parseLimits);
    const events = group.tryValue('misc.events', parseFlatKeyed);
    into.misc = Object.fromEntries(
      Object.entries(current).map(([name, used]) => [
        name,
        { current: used, limit: limits?.get(name), events: events?.[`${name}.max`] },
      ]),
    );
  },
};

function parseLimits(text: string): ReadonlyMap<string, bigint | undefined> {
  return new Map(
    lines(text).map((line) => {
      const [name = '', value = ''] = line.split(/\s+/);
      return [name, parseMax(value)];
    }),
  );
}

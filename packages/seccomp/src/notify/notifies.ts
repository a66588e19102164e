import type { Filter } from '../model/filter.ts';

/** Whether a filter has an action that asks a listener. */
export function notifies({ defaultAction, foreignAction, rules }: Filter): boolean {
  return [defaultAction, foreignAction, ...rules.map(({ action }) => action)].some(
    (action) => action?.kind === 'NOTIFY',
  );
}

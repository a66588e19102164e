import { type Arch, hostArch } from '@nsinit/syscall';
import { familyOf } from './architecture.ts';
import { compareActions, decodeAction, formatAction } from './model/action.ts';
import { type Alternative, canonicalize } from './model/canonical.ts';
import type { Filter } from './model/filter.ts';
import { syscallName } from './syscalls/lookup.ts';

/** As many names are listed; of more there is only the number. */
const LISTED = 24;

/**
 * What a filter does on one machine, in a few lines: its architectures, what becomes of calls that it does not name, and
 * which calls get which action, those that depend on their arguments apart.
 *
 * @param machine undefined: the one that this runs on.
 * @throws {SeccompError} for a filter that cannot be compiled.
 */
export function summarize(filter: Filter, machine: Arch = hostArch()): readonly string[] {
  const { architectures, defaultAction, foreignAction, unknownAction } = canonicalize(filter, machine);
  const [native] = architectures;
  const show = (action: number) => formatAction(decodeAction(action));
  const names = architectures.map(({ architecture }) => architecture);
  const foreign = names.length < familyOf(machine).length ? `, others get ${show(foreignAction)}` : '';
  const groups = new Map<string, string[]>();
  for (const [number, alternatives] of [...native!.calls].sort(([a], [b]) => a - b)) {
    const what = actionsText(alternatives, defaultAction);
    if (what === show(defaultAction)) continue;
    const list = groups.get(what) ?? [];
    list.push(syscallName(native!.architecture, number) ?? `call ${number}`);
    groups.set(what, list);
  }
  const newer = native!.unknown.length > 0 ? `, ${show(unknownAction)} if newer than the filter` : '';
  return [
    `for ${names.join(', ')}${foreign}`,
    ...[...groups].map(([what, calls]) => `${what}: ${listText(calls)}`),
    `${show(defaultAction)}: every other call${newer}`,
  ];
}

/** What becomes of a call: one action, or several by its arguments, the most restrictive first. */
function actionsText(alternatives: readonly Alternative[], defaultAction: number): string {
  const always = alternatives.find(({ comparisons }) => comparisons.length === 0);
  const actions = new Set([...alternatives.map(({ action }) => action), always?.action ?? defaultAction]);
  const texts = [...actions].sort(compareActions).map((action) => formatAction(decodeAction(action)));
  return texts.length === 1 ? texts[0]! : `${texts.join(' or ')} by arguments`;
}

function listText(names: readonly string[]): string {
  return names.length > LISTED ? `${names.length} calls` : names.toSorted().join(' ');
}

import type { Arch } from '@nsinit/syscall';
import { type Architecture, familyOf, X32_BIT } from '../architecture.ts';
import { SeccompError } from '../errors.ts';
import { knownNames, syscallNumber } from '../syscalls/lookup.ts';
import { multiplexed } from '../syscalls/multiplexed.ts';
import { didYouMean } from '../syscalls/suggest.ts';
import { actionProblem, compareActions, encodeAction, errnoAction } from './action.ts';
import { type Comparison, compareComparisons, normalize } from './condition.ts';
import type { Filter, Rule } from './filter.ts';
import { unknownRanges } from './newest.ts';

/** One way to decide a call: the action, when every comparison holds. */
export interface Alternative {
  /** Ordered; empty: always. */
  readonly comparisons: readonly Comparison[];
  /** What the filter returns. */
  readonly action: number;
  /** The rule that says so, by its place in the filter. */
  readonly rule: number;
}

/** The calls of one architecture that are not left to the default, by number (of x32 with its bit). */
export interface ArchitectureRules {
  readonly architecture: Architecture;
  /** Alternatives in the order in which they are tried; when none holds the default action is taken. */
  readonly calls: ReadonlyMap<number, readonly Alternative[]>;
  /** Numbers, first to last, that are answered with ENOSYS unless `calls` has them. */
  readonly unknown: readonly (readonly [first: number, last: number])[];
}

/** A filter without anything that depends on the order in which it was written. */
export interface CanonicalFilter {
  readonly defaultAction: number;
  readonly foreignAction: number;
  /** What `unknown` numbers get. */
  readonly unknownAction: number;
  /** The native architecture first. */
  readonly architectures: readonly ArchitectureRules[];
}

/**
 * Brings a filter into its form for one machine.
 *
 * @throws {SeccompError} for unknown names, impossible values, and rules that contradict each other.
 */
export function canonicalize(filter: Filter, machine: Arch): CanonicalFilter {
  checkAction(filter.defaultAction, 'defaultAction');
  if (filter.foreignAction) checkAction(filter.foreignAction, 'foreignAction');
  if (filter.newest !== undefined && filter.newest !== 'named') checkName(filter.newest, 'newest');
  const prepared = filter.rules.map((rule, index) => prepare(rule, index));
  const listed = new Set(filter.architectures);
  const family = familyOf(machine);
  const architectures = family.filter((architecture, index) => index === 0 || listed.has(architecture));
  const defaultAction = encodeAction(filter.defaultAction);
  return {
    defaultAction,
    foreignAction: encodeAction(filter.foreignAction ?? { kind: 'KILL_PROCESS' }),
    unknownAction: encodeAction(errnoAction(38)),
    architectures: architectures.map((architecture, index) =>
      rulesOf(architecture, index === 0, prepared, filter, defaultAction),
    ),
  };
}

interface Prepared {
  readonly rule: Rule;
  readonly index: number;
  readonly field: string;
  readonly action: number;
  /** Empty: the rule never holds. */
  readonly groups: readonly (readonly Comparison[])[];
}

function prepare(rule: Rule, index: number): Prepared {
  const field = rule.field ?? `rules[${index}]`;
  checkAction(rule.action, `${field}.action`);
  rule.syscalls.forEach((syscall, position) => {
    const place = `${field}.syscalls[${position}]`;
    if (typeof syscall === 'string') checkName(syscall, place);
    else if (!Number.isInteger(syscall) || syscall < 0 || syscall > 0x7fffffff)
      throw new SeccompError(place, `system call ${syscall} is not between 0 and 2^31 - 1`);
  });
  const groups = rule.when?.length
    ? rule.when.flatMap((group, at) => {
        const normal = group.map((condition, inner) => normalize(condition, `${field}.when[${at}][${inner}]`));
        if (normal.includes(false)) return [];
        return [unique(normal.filter((comparison) => comparison !== true) as Comparison[])];
      })
    : [[]];
  return { rule, index, field, action: encodeAction(rule.action), groups };
}

function unique(comparisons: readonly Comparison[]): readonly Comparison[] {
  const sorted = comparisons.toSorted(compareComparisons);
  return sorted.filter((comparison, index) => index === 0 || compareComparisons(sorted[index - 1]!, comparison) !== 0);
}

function checkAction(action: Rule['action'], field: string): void {
  const problem = actionProblem(action);
  if (problem) throw new SeccompError(field, problem);
}

/** @throws {SeccompError} for a name that no architecture of Linux has, with the one that was probably meant. */
export function checkName(name: string, field: string): void {
  const names = knownNames();
  if (names.has(name)) return;
  throw new SeccompError(field, `unknown system call ${JSON.stringify(name)}${didYouMean(name, names)}`);
}

function rulesOf(
  architecture: Architecture,
  native: boolean,
  prepared: readonly Prepared[],
  filter: Filter,
  defaultAction: number,
): ArchitectureRules {
  const bit = architecture === 'x32' ? X32_BIT : 0;
  const found = new Map<number, (Alternative & { readonly field: string })[]>();
  const add = (number: number, alternative: Alternative & { readonly field: string }) => {
    const list = found.get(number + bit);
    if (list) list.push(alternative);
    else found.set(number + bit, [alternative]);
  };
  for (const { rule, index, field, action, groups } of prepared) {
    const alternatives = groups.map((comparisons) => ({ comparisons, action, rule: index, field }));
    for (const syscall of rule.syscalls) {
      const number = typeof syscall === 'string' ? syscallNumber(architecture, syscall) : native ? syscall : undefined;
      if (number !== undefined) for (const alternative of alternatives) add(number, alternative);
    }
  }
  if (architecture === 'x86') addMultiplexed(prepared, defaultAction, add);
  const calls = new Map<number, readonly Alternative[]>();
  for (const [number, alternatives] of [...found].sort(([a], [b]) => a - b)) calls.set(number, settle(alternatives));
  return { architecture, calls, unknown: unknownRanges(architecture, filter, calls) };
}

/**
 * What is said of a call of x86 holds for the same call made through socketcall(2) or ipc(2), whose arguments lie in
 * memory where no filter sees them: a call that depends on its arguments gets the most restrictive of its actions, unless
 * the rules have a word on socketcall or ipc themselves.
 */
function addMultiplexed(
  prepared: readonly Prepared[],
  defaultAction: number,
  add: (number: number, alternative: Alternative & { readonly field: string }) => void,
): void {
  const named = new Set(prepared.flatMap(({ rule }) => rule.syscalls));
  for (const [name, { by, call }] of multiplexed) {
    const rules = prepared.filter(({ rule, groups }) => groups.length > 0 && rule.syscalls.includes(name));
    if (rules.length === 0) continue;
    const always = rules.filter(({ groups }) => groups.some((group) => group.length === 0));
    const visible = named.has(by) ? always : rules;
    const candidates = visible.map(({ action, index, field }) => ({ action, rule: index, field }));
    if (!named.has(by) && always.length === 0)
      candidates.push({ action: defaultAction, rule: rules[0]!.index, field: rules[0]!.field });
    const strictest = candidates.sort((a, b) => compareActions(a.action, b.action))[0];
    if (!strictest) continue;
    const mask = by === 'ipc' ? 0xffffn : 0xffffffffn;
    add(syscallNumber('x86', by)!, { ...strictest, comparisons: [{ index: 0, op: 'EQ', mask, value: BigInt(call) }] });
  }
}

/** Orders alternatives, the most restrictive first, and drops those that can never be the one to decide. */
function settle(alternatives: readonly (Alternative & { readonly field: string })[]): readonly Alternative[] {
  if (alternatives.length === 1) return alternatives;
  const sorted = alternatives.toSorted(
    (a, b) => compareActions(a.action, b.action) || compareGroups(a.comparisons, b.comparisons) || a.rule - b.rule,
  );
  const kept: (Alternative & { readonly field: string })[] = [];
  const seen = new Map<string, (typeof kept)[number]>();
  for (const alternative of sorted) {
    const key = keyOf(alternative.comparisons);
    const twin = seen.get(key);
    if (twin && twin.action !== alternative.action) throw contradiction(twin, alternative);
    if (twin) continue;
    seen.set(key, alternative);
    const keys = new Set(alternative.comparisons.map((comparison) => keyOf([comparison])));
    const covered = kept.some(({ comparisons }) => comparisons.every((comparison) => keys.has(keyOf([comparison]))));
    if (!covered) kept.push(alternative);
  }
  return kept;
}

function contradiction(
  a: Alternative & { readonly field: string },
  b: Alternative & { readonly field: string },
): SeccompError {
  const [first, second] = a.rule <= b.rule ? [a, b] : [b, a];
  return new SeccompError(
    second.field,
    `another action than that of ${first.field} for the same system call and the same conditions`,
    'keep one of them',
  );
}

function compareGroups(a: readonly Comparison[], b: readonly Comparison[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareComparisons(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  // The shorter group first: it covers the longer one.
  return a.length - b.length;
}

function keyOf(comparisons: readonly Comparison[]): string {
  return comparisons.map(({ index, op, mask, value }) => `${index}${op}${mask},${value}`).join(';');
}

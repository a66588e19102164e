import { type Arch, hostArch } from '@nsinit/syscall';
import { type Architecture, familyOf, X32_BIT } from './architecture.ts';
import { SeccompError } from './errors.ts';
import { type Action, decodeAction, formatAction } from './model/action.ts';
import { type ArchitectureRules, type CanonicalFilter, canonicalize, checkName } from './model/canonical.ts';
import { type Comparison, holds, UINT64_MAX } from './model/condition.ts';
import type { Filter } from './model/filter.ts';
import { syscallName, syscallNumber } from './syscalls/lookup.ts';

/** Why a call gets its action. */
export type Cause =
  /** A rule holds. */
  | 'rule'
  /** No rule holds. */
  | 'default'
  /** The call is newer than what the author of the rules knew. */
  | 'unknown'
  /** The filter is not for this architecture. */
  | 'foreign';

/** What a filter does on a call. */
export interface Explanation {
  readonly action: Action;
  readonly cause: Cause;
  /** Place of the rule in the filter; undefined: no rule decided. */
  readonly rule: number | undefined;
  /** Where the rule comes from: `syscalls[3]`; undefined: no rule decided. */
  readonly field: string | undefined;
  /** The whole in words. */
  readonly text: string;
}

/** What {@link explain} is told beside the call. */
export interface ExplainOptions {
  /** How the call is made; undefined: as the machine's native calls. */
  readonly architecture?: Architecture;
  /** undefined: the machine that this runs on. */
  readonly machine?: Arch;
}

/**
 * Says what a filter does on a call, and which rule decides.
 *
 * @param syscall name, or number (of x32 without its bit).
 * @param args up to six, taken modulo 2^64; those left out are 0.
 * @throws {SeccompError} for a filter that cannot be compiled, a name that the architecture lacks, and an architecture that
 * the machine cannot have.
 */
export function explain(
  filter: Filter,
  syscall: string | number,
  args: readonly (number | bigint)[] = [],
  options: ExplainOptions = {},
): Explanation {
  const machine = options.machine ?? hostArch();
  const architecture = options.architecture ?? familyOf(machine)[0]!;
  if (!familyOf(machine).includes(architecture))
    throw new SeccompError(
      '',
      `${architecture} is not an architecture of ${machine}`,
      `use ${familyOf(machine).join(', ')}`,
    );
  const number = numberOf(architecture, syscall);
  const verdict = judge(canonicalize(filter, machine), architecture, number, args);
  const call = `${architecture} ${callName(architecture, syscall)}`;
  const rule = verdict.rule === undefined ? undefined : filter.rules[verdict.rule];
  const field = rule && (rule.field ?? `rules[${verdict.rule}]`);
  const action = decodeAction(verdict.action);
  return {
    action,
    cause: verdict.cause,
    rule: verdict.rule,
    field,
    text: `${call}: ${formatAction(action)}, ${reasonOf(verdict, field)}`,
  };
}

/**
 * Everything that can become of a native call, depending on its arguments.
 *
 * @throws {SeccompError} as {@link explain} does.
 */
export function possibleActions(filter: Filter, syscall: string | number, machine = hostArch()): readonly Action[] {
  const canonical = canonicalize(filter, machine);
  const rules = canonical.architectures[0]!;
  const number = numberOf(rules.architecture, syscall);
  const alternatives = rules.calls.get(number) ?? [];
  const always = alternatives.some(({ comparisons }) => comparisons.length === 0);
  const actions = new Set(alternatives.map(({ action }) => action));
  if (!always) actions.add(generalVerdict(canonical, rules, number).action);
  return [...actions].map(decodeAction);
}

interface Verdict {
  readonly action: number;
  readonly cause: Cause;
  readonly rule?: number;
  readonly comparisons?: readonly Comparison[];
}

function judge(
  filter: CanonicalFilter,
  architecture: Architecture,
  number: number,
  args: readonly (number | bigint)[],
): Verdict {
  const rules = filter.architectures.find((one) => one.architecture === architecture);
  if (!rules) return { action: filter.foreignAction, cause: 'foreign' };
  const nr = architecture === 'x32' ? number + X32_BIT : number;
  const argument = (index: number) => BigInt.asUintN(64, BigInt(args[index] ?? 0));
  const alternatives = rules.calls.get(nr);
  for (const { action, rule, comparisons } of alternatives ?? [])
    if (comparisons.every((comparison) => holds(comparison, argument(comparison.index))))
      return { action, cause: 'rule', rule, comparisons };
  return generalVerdict(filter, rules, nr);
}

/** Of a call that no rule holds for. */
function generalVerdict(filter: CanonicalFilter, { calls, unknown }: ArchitectureRules, nr: number): Verdict {
  const isUnknown = !calls.has(nr) && unknown.some(([first, last]) => nr >= first && nr <= last);
  return isUnknown
    ? { action: filter.unknownAction, cause: 'unknown' }
    : { action: filter.defaultAction, cause: 'default' };
}

function numberOf(architecture: Architecture, syscall: string | number): number {
  if (typeof syscall === 'number') return syscall;
  const number = syscallNumber(architecture, syscall);
  if (number !== undefined) return number;
  checkName(syscall, '');
  throw new SeccompError('', `${architecture} has no system call ${syscall}`);
}

function callName(architecture: Architecture, syscall: string | number): string {
  if (typeof syscall === 'string') return syscall;
  const name = syscallName(architecture, syscall);
  return name === undefined ? `call ${syscall}` : name;
}

function reasonOf({ cause, comparisons }: Verdict, field: string | undefined): string {
  switch (cause) {
    case 'foreign':
      return 'as the filter is not for this architecture';
    case 'unknown':
      return 'as it is newer than what the rules were written for';
    case 'default':
      return 'as no rule holds';
    case 'rule': {
      const conditions = (comparisons ?? []).map(formatComparison).join(' and ');
      return `by ${field}${conditions ? ` (${conditions})` : ''}`;
    }
  }
}

const signs = { EQ: '==', NE: '!=', GT: '>', LE: '<=' } as const;

function formatComparison({ index, op, mask, value }: Comparison): string {
  const argument = mask === UINT64_MAX ? `argument ${index}` : `argument ${index} & 0x${mask.toString(16)}`;
  return `${argument} ${signs[op]} 0x${value.toString(16)}`;
}

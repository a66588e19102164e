import { type Arch, hostArch } from '@nsinit/syscall';
import { AUDIT_ARCH, isNarrow, X32_BIT } from '../architecture.ts';
import { type BpfInstruction, dataOffset, MAX_INSTRUCTIONS } from '../bpf/instruction.ts';
import { SeccompError } from '../errors.ts';
import { type Alternative, type ArchitectureRules, type CanonicalFilter, canonicalize } from '../model/canonical.ts';
import type { Filter } from '../model/filter.ts';
import { decide } from './comparison.ts';
import { ALL, type Decision, Decisions } from './decision.ts';
import { emit } from './emit.ts';
import { simplify } from './simplify.ts';
import { joinRanges, type Range, searchTree } from './tree.ts';
import { weightOf } from './weights.ts';

/** What a filter is compiled for. */
export interface CompileOptions {
  /** undefined: the machine that this runs on. */
  readonly machine?: Arch;
}

/**
 * Compiles a filter to classic BPF. Filters that mean the same give the same program, whatever their order.
 *
 * The program looks at the architecture first. Calls of one that is not listed get `foreignAction`, those made the x32 way
 * on x86-64 as well.
 *
 * @throws {SeccompError} for a filter that cannot be compiled, or one longer than the kernel's 4096 instructions.
 */
export function compileFilter(filter: Filter, options: CompileOptions = {}): readonly BpfInstruction[] {
  return compileCanonical(canonicalize(filter, options.machine ?? hostArch()));
}

/** @throws {SeccompError} for a program that is too long. */
export function compileCanonical(filter: CanonicalFilter): readonly BpfInstruction[] {
  const program = emit(decisionOf(filter));
  if (program.length > MAX_INSTRUCTIONS)
    throw new SeccompError(
      '',
      `the program has ${program.length} instructions, more than the ${MAX_INSTRUCTIONS} that the kernel takes`,
      'use fewer rules with conditions, or fewer architectures',
    );
  return program;
}

function decisionOf(filter: CanonicalFilter): Decision {
  const make = new Decisions();
  let decision: Decision = make.leaf(filter.foreignAction);
  const x32 = filter.architectures.find(({ architecture }) => architecture === 'x32');
  for (const rules of filter.architectures.toReversed()) {
    if (rules === x32) continue;
    const tree = treeOf(make, filter, rules, rules.architecture === 'x86_64' ? x32 : undefined);
    decision = make.test(dataOffset.arch, ALL, 'eq', AUDIT_ARCH[rules.architecture], tree, decision);
  }
  return decision;
}

function treeOf(
  make: Decisions,
  filter: CanonicalFilter,
  rules: ArchitectureRules,
  x32: ArchitectureRules | undefined,
): Decision {
  const ranges = rangesOf(make, filter, rules);
  if (rules.architecture !== 'x86_64') return searchTree(make, joinRanges(ranges));
  const below = ranges.filter(({ first }) => first < X32_BIT);
  const above = x32
    ? rangesOf(make, filter, x32).filter(({ first }) => first >= X32_BIT)
    : [
        { first: X32_BIT, decision: make.leaf(filter.foreignAction), weight: 1 },
        // -1 is what a tracer leaves where a call is to be skipped.
        { first: 0xffffffff, decision: make.leaf(skipped(filter, rules)), weight: 1 },
      ];
  return searchTree(make, joinRanges([...below, ...above]));
}

function skipped({ defaultAction, unknownAction }: CanonicalFilter, { unknown }: ArchitectureRules): number {
  return unknown.some(([, last]) => last === 0xffffffff) ? unknownAction : defaultAction;
}

/** The numbers of an architecture cut where the decision changes. */
function rangesOf(make: Decisions, filter: CanonicalFilter, rules: ArchitectureRules): readonly Range[] {
  const { architecture, calls, unknown } = rules;
  const bit = architecture === 'x32' ? X32_BIT : 0;
  const end = architecture === 'x86_64' ? X32_BIT : 0x100000000;
  const otherwise = make.leaf(filter.defaultAction);
  const enosys = make.leaf(filter.unknownAction);
  const starts = new Set([bit, ...unknown.flatMap(([first, last]) => [first, last + 1])]);
  for (const number of calls.keys()) starts.add(number).add(number + 1);
  const cuts = [...starts].filter((first) => first >= bit && first < end).sort((a, b) => a - b);
  return cuts.map((first, index) => {
    const alternatives = calls.get(first);
    const general = unknown.some(([from, to]) => first >= from && first <= to) ? enosys : otherwise;
    const decision = alternatives ? decisionFor(make, alternatives, otherwise, isNarrow(architecture)) : general;
    return { first, decision, weight: weightOf(architecture, first, cuts[index + 1] ?? end) };
  });
}

function decisionFor(
  make: Decisions,
  alternatives: readonly Alternative[],
  otherwise: Decision,
  narrow: boolean,
): Decision {
  const decision = decide(make, alternatives, otherwise, narrow);
  return decision.kind === 'leaf' ? decision : simplify(make, decision);
}

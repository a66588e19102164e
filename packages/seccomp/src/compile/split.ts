import { type Arch, hostArch } from '@nsinit/syscall';
import type { BpfInstruction } from '../bpf/instruction.ts';
import { encodeAction, errnoAction } from '../model/action.ts';
import { type Alternative, type CanonicalFilter, canonicalize } from '../model/canonical.ts';
import type { Comparison } from '../model/condition.ts';
import type { Filter } from '../model/filter.ts';
import { syscallNumber } from '../syscalls/lookup.ts';
import { type CompileOptions, compileCanonical } from './compile.ts';

/**
 * The upper half of the flags of our own sendmsg(2) and seccomp(2), of which the kernel takes the lower half alone: a sign
 * that no program gives. Above 32 bits, and below the 53 that a number holds.
 */
export const OWN_CALL = 0x1_4e53 * 2 ** 32;

/** The calls that are made between the two filters, and the argument that is their flags. */
const ownCalls: Readonly<Record<string, number>> = { sendmsg: 2, seccomp: 1 };

/** Two filters that together do what one does. */
export interface SplitFilter {
  /** Asks about the calls that the filter asks about, and allows the others. */
  readonly asking: readonly BpfInstruction[];
  /** Does the rest; what the filter asks about it allows. */
  readonly deciding: readonly BpfInstruction[];
}

/**
 * Cuts a filter with NOTIFY in two. The kernel runs all filters of a process and takes the most restrictive result, and
 * every denial is more restrictive than NOTIFY, so that both in force are the filter.
 *
 * The first one makes the listener. Before the second is there nothing is denied, and the listener can be sent by
 * sendmsg(2), whatever the filter says of it: where it would be asked about, a call with {@link OWN_CALL} in its flags is
 * not, until the second filter makes an end of those.
 *
 * @throws {SeccompError} as `compileFilter` does.
 */
export function splitFilter(filter: Filter, options: CompileOptions = {}): SplitFilter {
  const machine = options.machine ?? hostArch();
  const canonical = canonicalize(filter, machine);
  const own = ownComparisons(canonical, machine);
  const asking = mapActions(canonical, (action) => (action === notify ? notify : allow), own, allow);
  const deciding = mapActions(canonical, (action) => (action === notify ? allow : action), own, noSuchCall);
  return { asking: compileCanonical(asking), deciding: compileCanonical(deciding) };
}

const notify = encodeAction({ kind: 'NOTIFY' });
const allow = encodeAction({ kind: 'ALLOW' });
const noSuchCall = encodeAction(errnoAction(38));

/** Tells our own calls of those that the filter may ask about. */
function ownComparisons(
  { architectures, defaultAction }: CanonicalFilter,
  machine: Arch,
): ReadonlyMap<number, Comparison> {
  const { architecture, calls } = architectures[0]!;
  const found = new Map<number, Comparison>();
  for (const [name, index] of Object.entries(ownCalls)) {
    const number = syscallNumber(architecture, name);
    if (number === undefined) throw new TypeError(`${machine} has no ${name}`);
    const alternatives = calls.get(number);
    const actions = [...(alternatives ?? []).map(({ action }) => action), defaultAction];
    if (actions.includes(notify))
      found.set(number, { index, op: 'EQ', mask: 0xffffffff_00000000n, value: BigInt(OWN_CALL) });
  }
  return found;
}

function mapActions(
  filter: CanonicalFilter,
  map: (action: number) => number,
  own: ReadonlyMap<number, Comparison>,
  ownAction: number,
): CanonicalFilter {
  const architectures = filter.architectures.map((rules, index) => {
    const calls = new Map<number, readonly Alternative[]>();
    for (const [number, alternatives] of rules.calls)
      calls.set(
        number,
        alternatives.map((one) => ({ ...one, action: map(one.action) })),
      );
    if (index === 0)
      for (const [number, comparison] of own)
        calls.set(number, [{ comparisons: [comparison], action: ownAction, rule: -1 }, ...(calls.get(number) ?? [])]);
    return { ...rules, calls };
  });
  return {
    defaultAction: map(filter.defaultAction),
    foreignAction: map(filter.foreignAction),
    unknownAction: map(filter.unknownAction),
    architectures,
  };
}

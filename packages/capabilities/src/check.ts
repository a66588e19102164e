import type { CapabilityProblem, CapabilityRule } from './error.ts';
import { allCapabilities, type CapabilityMask, maskNames } from './mask.ts';
import { capabilityName } from './names.ts';
import { type CapabilitySetName, type CapabilitySets, capabilitySetNames } from './sets.ts';

/** What the sets are checked against. */
export interface CheckOptions {
  /** The number of the kernel's last capability, see {@link lastCapability}. */
  readonly lastCapability: number;
  /**
   * What the thread has before, so that what it cannot gain is found too. Undefined: it has every capability, and
   * none inheritable, as root's processes and the first process of a user namespace do.
   */
  readonly current?: CapabilitySets;
}

/** Everything about the sets that the kernel would refuse; empty when it takes them. */
export function capabilityProblems(sets: CapabilitySets, options: CheckOptions): readonly CapabilityProblem[] {
  const problems: CapabilityProblem[] = [];
  const check = (rule: CapabilityRule, set: CapabilitySetName, limit: CapabilityMask, why: string): void => {
    const excess = maskNames(sets[set] & ~limit);
    if (excess.length > 0)
      problems.push({ rule, set, capabilities: excess, message: `${set}: ${excess.join(', ')} ${why}` });
  };
  const last = options.lastCapability;
  const known = allCapabilities(last);
  for (const set of capabilitySetNames)
    check('unsupported', set, known, `not supported by this kernel, whose last capability is ${capabilityName(last)}`);
  check('effective-in-permitted', 'effective', sets.permitted, 'not permitted: add it to the permitted set');
  check('ambient-in-permitted', 'ambient', sets.permitted, 'not permitted: add it to the permitted set');
  check('ambient-in-inheritable', 'ambient', sets.inheritable, 'not inheritable: add it to the inheritable set');
  const inherited = options.current?.inheritable ?? 0n;
  check(
    'inheritable-in-bounding',
    'inheritable',
    sets.bounding | inherited,
    'not in the bounding set: add it there, or it cannot become inheritable',
  );
  if (options.current) {
    check(
      'no-gain',
      'bounding',
      options.current.bounding,
      'not in the bounding set of the thread: it cannot come back',
    );
    check('no-gain', 'permitted', options.current.permitted, 'not permitted to the thread: it cannot be gained');
  }
  return problems;
}

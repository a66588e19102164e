import { CapabilityError, type CapabilityProblem } from './error.ts';
import { type CapabilityMask, maskOf } from './mask.ts';
import { isCapabilityName } from './names.ts';
import { canonicalName, unknownCapability } from './parse.ts';

/** The sets of a thread in the order of capabilities(7). */
export const capabilitySetNames = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;

/** One of {@link capabilitySetNames}. */
export type CapabilitySetName = (typeof capabilitySetNames)[number];

/** The five sets of a thread, see capabilities(7). */
export interface CapabilitySets {
  /** What the thread can gain by execve(2) at most. */
  readonly bounding: CapabilityMask;
  /** What the kernel checks. */
  readonly effective: CapabilityMask;
  /** What the thread may make effective. */
  readonly permitted: CapabilityMask;
  /** What survives execve(2) of a file that has it in its own inheritable set. */
  readonly inheritable: CapabilityMask;
  /** What survives execve(2) of any file without privileges of its own. */
  readonly ambient: CapabilityMask;
}

/** Names for each set; a set that is left out is empty. */
export type CapabilitySetsInput = { readonly [S in CapabilitySetName]?: readonly string[] };

/** No capability in any set. */
export const noCapabilities: CapabilitySets = {
  bounding: 0n,
  effective: 0n,
  permitted: 0n,
  inheritable: 0n,
  ambient: 0n,
};

/**
 * The sets for a list of what to keep: it is the bounding, permitted and effective set. Inheritable stays empty, since
 * a file with inheritable capabilities would hand them to any user of the container (CVE-2022-24769, CVE-2022-29162),
 * and so does ambient.
 *
 * @throws {CapabilityError} for unknown names, all at once.
 */
export function keepOnly(names: readonly string[]): CapabilitySets {
  const [kept, problems] = parseNames(names);
  if (problems.length > 0) throw new CapabilityError(problems);
  return { ...noCapabilities, bounding: kept, effective: kept, permitted: kept };
}

/**
 * The sets for names of each. Whether the kernel takes them is checked later: see {@link capabilityProblems}.
 *
 * @throws {CapabilityError} for unknown names, all at once, each with its set.
 */
export function parseCapabilitySets(input: CapabilitySetsInput): CapabilitySets {
  const problems: CapabilityProblem[] = [];
  const sets: Record<CapabilitySetName, CapabilityMask> = { ...noCapabilities };
  for (const set of capabilitySetNames) {
    const [mask, unknown] = parseNames(input[set] ?? []);
    sets[set] = mask;
    for (const problem of unknown) problems.push({ ...problem, set, message: `${set}: ${problem.message}` });
  }
  if (problems.length > 0) throw new CapabilityError(problems);
  return sets;
}

function parseNames(names: readonly string[]): [CapabilityMask, readonly CapabilityProblem[]] {
  const problems: CapabilityProblem[] = [];
  let mask = 0n;
  for (const name of names) {
    const canonical = canonicalName(name);
    if (isCapabilityName(canonical)) mask |= maskOf(canonical);
    else problems.push(unknownCapability(name));
  }
  return [mask, problems];
}

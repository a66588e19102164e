import type { CapabilitySetName } from './sets.ts';

/** What is asked for and cannot be. */
export type CapabilityRule =
  /** No capability has this name. */
  | 'unknown'
  /** The running kernel is older than the capability. */
  | 'unsupported'
  /** The effective set must lie in the permitted set. */
  | 'effective-in-permitted'
  /** The ambient set must lie in the permitted set. */
  | 'ambient-in-permitted'
  /** The ambient set must lie in the inheritable set. */
  | 'ambient-in-inheritable'
  /** The inheritable set cannot gain what is not in the bounding set. */
  | 'inheritable-in-bounding'
  /** A thread cannot gain what it has not. */
  | 'no-gain';

/** One thing that is wrong with the capabilities asked for. */
export interface CapabilityProblem {
  readonly rule: CapabilityRule;
  /** The set that it was found in; undefined for a name that was parsed alone. */
  readonly set?: CapabilitySetName;
  /** The capabilities concerned, as they were written. */
  readonly capabilities: readonly string[];
  /** In words, with the remedy. */
  readonly message: string;
  /** The name that was probably meant. */
  readonly suggestion?: string;
}

/** Capabilities that cannot be had. It tells every problem that was found. */
export class CapabilityError extends Error {
  override readonly name = 'CapabilityError';
  /** Fixed: tells this error from others without `instanceof`. */
  readonly code = 'ERR_CAPABILITY';
  readonly problems: readonly CapabilityProblem[];

  constructor(problems: readonly CapabilityProblem[]) {
    super(problems.map((problem) => problem.message).join('\n'));
    this.problems = problems;
  }
}

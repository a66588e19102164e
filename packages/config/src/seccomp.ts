import type { Int64 } from './integers.ts';
import type { SeccompProfile } from './seccomp-profile.ts';

/** Values of {@link SeccompSyscall.action}; a number of 0 or more makes the call fail with that errno. */
export const SECCOMP_ACTION = {
  /** The process is killed (SIGSYS). */
  kill: -3,
  /** The process gets SIGSYS. */
  trap: -2,
  /** The call is made. */
  allow: -1,
} as const;

/** Values of {@link SeccompArg.op}. */
export const SECCOMP_OPERATOR = {
  equalTo: 0,
  notEqualTo: 1,
  greaterThan: 2,
  lessThan: 3,
  /** `argument & value` equals `value`. */
  maskEqualTo: 4,
} as const;

/** A condition on one argument of a system call. */
export interface SeccompArg {
  /** Which argument, 0 to 5. */
  readonly index: number;
  /** Value that the argument is compared with. */
  readonly value: Int64;
  /** One of {@link SECCOMP_OPERATOR}. */
  readonly op: number;
}

/** What happens on one system call. */
export interface SeccompSyscall {
  /** Number on the running architecture, or the name; a name that the architecture lacks is left out. */
  readonly value: number | string;
  /** One of {@link SECCOMP_ACTION}, or an errno. */
  readonly action: number;
  /** All must hold; undefined or empty: the action is for every call. */
  readonly args?: readonly SeccompArg[];
}

/**
 * System calls with another result than being made; a call that is not listed is allowed. Rules by name hold for the 32-bit
 * (and x32) calls of the machine, too. Where a rule has a number, which means another call to each architecture, calls of
 * other architectures than the native one kill the process.
 */
export interface Seccomp {
  readonly syscalls: readonly SeccompSyscall[];
}

/**
 * Filters by name: `default` is for programs in general and denies what it does not know, by the capabilities of the
 * configuration; `high`, `medium` and `low` allow what they do not name, as the security profiles do.
 */
export const SECCOMP_PROFILES = ['default', 'high', 'medium', 'low'] as const;

/** One of {@link SECCOMP_PROFILES}. */
export type SeccompProfileName = (typeof SECCOMP_PROFILES)[number];

/** What the `seccomp` field of a configuration can be: an object of the format of 2015, a profile, or the name of one. */
export type SeccompSection = Seccomp | SeccompProfile | SeccompProfileName;

/** Whether a section is a profile in the form of the runtime specification: `defaultAction` tells. */
export function isSeccompProfile(section: SeccompSection): section is SeccompProfile {
  return typeof section === 'object' && 'defaultAction' in section;
}

import type { Int64 } from './integers.ts';

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

/** System calls with another result than being made; a call that is not listed is allowed. */
export interface Seccomp {
  readonly syscalls: readonly SeccompSyscall[];
}

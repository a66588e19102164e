import type { Architecture } from '../architecture.ts';
import type { Action } from './action.ts';

/** How an argument is compared; all comparisons are of unsigned 64-bit numbers. */
export const OPERATORS = ['EQ', 'NE', 'LT', 'LE', 'GE', 'GT', 'MASKED_EQ'] as const;

/** One of {@link OPERATORS}. */
export type Operator = (typeof OPERATORS)[number];

/** A condition on one argument. */
export type Condition =
  | {
      /** Which argument, 0 to 5. */
      readonly index: number;
      readonly op: Exclude<Operator, 'MASKED_EQ'>;
      /** 0 to 2^64 - 1. */
      readonly value: number | bigint;
    }
  | {
      readonly index: number;
      /** `argument & mask` equals `value`. */
      readonly op: 'MASKED_EQ';
      readonly mask: number | bigint;
      readonly value: number | bigint;
    };

/** What happens on some system calls. */
export interface Rule {
  /**
   * The calls, by name or by number on the native architecture. A name that an architecture lacks is left out there; one
   * that no architecture has is an error.
   */
  readonly syscalls: readonly (string | number)[];
  readonly action: Action;
  /** Groups of conditions: all of one group must hold. undefined or empty: the action is for every such call. */
  readonly when?: readonly (readonly Condition[])[];
  /** Where the rule comes from, for errors and explanations: `syscalls[3]`; undefined: its place in the filter. */
  readonly field?: string;
}

/** Flags of seccomp(2), without SECCOMP_FILTER_FLAG_. */
export const FILTER_FLAGS = {
  /** All threads get the filter, or none. */
  TSYNC: 1,
  /** Actions other than ALLOW are logged. Linux 4.14 */
  LOG: 2,
  /** Speculative store bypass is not turned off. Linux 4.17 */
  SPEC_ALLOW: 4,
  /** A descriptor is made that is told of NOTIFY. Linux 5.0; set where a listener is asked for. */
  NEW_LISTENER: 8,
  /** A thread that cannot follow is an error and not a number. Linux 5.7; set where TSYNC meets a listener. */
  TSYNC_ESRCH: 16,
  /** While a call is answered its caller can only be killed. Linux 5.19; needs a listener. */
  WAIT_KILLABLE_RECV: 32,
} as const;

/** The name of a flag. */
export type FilterFlag = keyof typeof FILTER_FLAGS;

/**
 * A filter. When several rules hold for a call, the most restrictive action wins, in the kernel's order (KILL_PROCESS,
 * KILL_THREAD, TRAP, ERRNO, NOTIFY, TRACE, LOG, ALLOW); so the order of rules has no meaning.
 */
export interface Filter {
  /** For calls that no rule is for. */
  readonly defaultAction: Action;
  readonly rules: readonly Rule[];
  /**
   * Architectures beside the native one whose calls the rules judge too. Those that the machine cannot have are left
   * out. undefined: none.
   */
  readonly architectures?: readonly Architecture[];
  /** For calls of architectures that are not listed; undefined: KILL_PROCESS. */
  readonly foreignAction?: Action;
  /**
   * The newest call that the author of the rules knew; calls with a higher number get ENOSYS instead of a denying
   * default action, so that programs fall back to older calls. `named`: the highest number that the rules name.
   * undefined: they get the default action. A default action that lets calls pass is never replaced.
   */
  readonly newest?: string;
  readonly flags?: readonly FilterFlag[];
}

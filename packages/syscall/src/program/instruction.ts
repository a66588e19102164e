import type { ErrnoName } from '../abi/errno.ts';
import type { SyscallName } from '../abi/signatures.ts';
import type { Cell } from './values.ts';

/** A place in a program that jumps name before or after it is known. */
export class Label {
  readonly name: string;
  /** Index of the instruction that follows; undefined until placed. */
  index: number | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** An argument as the executor sees it. */
export type Operand =
  | { readonly kind: 'immediate'; readonly value: number | bigint }
  | { readonly kind: 'address'; readonly offset: number; readonly size: number }
  | { readonly kind: 'load'; readonly cell: Cell };

/** What to do with an error: go on with the next instruction, make the call again (at most 128 times), or jump. */
export type ErrorAction = 'ignore' | 'retry' | Label;

/** Actions by errno; `any` covers every errno that is not named. At most four. */
export type ErrorActions = { readonly [E in ErrnoName | 'any']?: ErrorAction };

/** How {@link Branch} compares. */
export type Comparison = '==' | '!=' | '<' | '>=';

/** Which step of which configuration field an instruction belongs to. */
export interface Reason {
  /** In words: `mount sysfs on /sys`. */
  readonly what?: string | undefined;
  /** The field that asked for it: `mounts[3]`. */
  readonly field?: string | undefined;
}

/** A system call. */
export interface Call extends Reason {
  readonly op: 'call';
  readonly name: SyscallName;
  readonly operands: readonly Operand[];
  /** Each argument as strace would write it; made when printed. */
  readonly render: () => readonly string[];
  readonly result: Cell;
  readonly on: ErrorActions;
  /** Where to go on after success; undefined: the next instruction. */
  readonly next: Label | undefined;
}

/** Jumps when `(value & mask) comparison against` holds; both sides are compared as unsigned 64-bit numbers. */
export interface Branch extends Reason {
  readonly op: 'branch';
  readonly value: Operand;
  readonly mask: bigint;
  readonly comparison: Comparison;
  readonly against: number | bigint;
  readonly next: Label;
}

/** Jumps. */
export interface Jump extends Reason {
  readonly op: 'jump';
  readonly next: Label;
}

/** Copies a value into a cell. */
export interface Assign extends Reason {
  readonly op: 'assign';
  readonly value: Operand;
  readonly result: Cell;
}

/**
 * Ends the program with an error report. `errno` 0 reports the last call whose error made a jump, with its errno and
 * its place.
 */
export interface Fail extends Reason {
  readonly op: 'fail';
  readonly errno: Operand;
  /** A number for the reader: the exit status of a command, say. */
  readonly value: Operand;
  /** Memory whose bytes go with the report. */
  readonly detail: { readonly offset: number; readonly size: number } | undefined;
}

/** One step of a program. */
export type Instruction = Call | Branch | Jump | Assign | Fail;

import type { StepError } from '@nsinit/namespaces';
import { type ErrnoName, errnoName } from '@nsinit/syscall';
import { callArguments, stringArgument } from './call-text.ts';
import { assumedSubject, readSubject, type Subject } from './subject.ts';

/** What is known of a start beside the step that failed. */
export interface ExplainContext {
  /** The process that stands at the step; undefined: none, or it cannot be looked at. */
  readonly pid?: number | undefined;
  /** Path of the root file system on the host. */
  readonly rootfs: string;
  /** Program and arguments. */
  readonly args: readonly string[];
  /** Its environment as `NAME=value`. */
  readonly env: readonly string[];
  /** Working directory inside the container; undefined: `/`. */
  readonly cwd?: string | undefined;
  /** User that the program shall run as, as the container numbers it. */
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Whether Landlock confines the process by its configuration; undefined: no. */
  readonly landlock?: boolean;
  /** What the last premount or postmount command printed. */
  readonly commandOutput?: string | undefined;
}

/** Why a step failed, in words. */
export interface Explanation {
  /** The root cause: the last part of the message. */
  readonly cause: string;
  /** What stands before it; undefined: the field and what the step is for. */
  readonly about?: string;
  /** The path that it is about. */
  readonly path?: string | undefined;
  /** What can be done. */
  readonly hint?: string | undefined;
  /** What a shell would exit with. */
  readonly exitCode?: number;
}

/** A failed step, and what can be found out about it. */
export class Failure {
  readonly error: StepError;
  readonly context: ExplainContext;
  /** The system call, or `fail`. */
  readonly op: string;
  readonly errno: ErrnoName | `E${number}`;
  /** The configuration field; empty when the step has none. */
  readonly field: string;
  /** What the step is for; empty when it does not say. */
  readonly what: string;
  #args: readonly string[] | undefined;
  #subject: Subject | undefined;

  constructor(error: StepError, context: ExplainContext) {
    this.error = error;
    this.context = context;
    this.op = error.step.op;
    this.errno = errnoName(error.errno);
    this.field = error.step.field ?? '';
    this.what = error.step.what ?? '';
  }

  /** The arguments of the call as they are printed. */
  get args(): readonly string[] {
    this.#args ??= callArguments(this.error.step.text);
    return this.#args;
  }

  /** An argument that is a string; undefined when it is none. */
  string(index: number): string | undefined {
    return stringArgument(this.args[index]);
  }

  /** Who made the step: the process itself, or else this process, which it came from. */
  get actor(): Subject {
    this.#subject ??=
      (this.context.pid === undefined ? undefined : readSubject(this.context.pid)) ??
      readSubject('self') ??
      assumedSubject({ uid: 0, gid: 0, groups: [] });
    return this.#subject;
  }

  /** Who executes the program: the process itself, which has become its user by then, or who the configuration says. */
  get user(): Subject {
    return (this.context.pid === undefined ? undefined : readSubject(this.context.pid)) ?? assumedSubject(this.context);
  }
}

/** One row of the table of explanations: which failures it knows, and what it says about them. */
export interface Rule {
  /** System calls, or `fail`; undefined: any. */
  readonly ops?: readonly string[];
  /** Undefined: any. */
  readonly errnos?: readonly ErrnoName[];
  /** Matches the configuration field; undefined: any, or none. */
  readonly field?: RegExp;
  /** Undefined when it does not know after all: the next rule is asked. */
  readonly explain: (failure: Failure) => Explanation | undefined;
}

/** Whether a rule is about a failure. */
export function matches({ ops, errnos, field }: Rule, failure: Failure): boolean {
  return (
    (ops === undefined || ops.includes(failure.op)) &&
    (errnos === undefined || errnos.some((name) => name === failure.errno)) &&
    (field === undefined || field.test(failure.field))
  );
}

import { type ErrnoName, errnoMessage, errnoName, type PrintedInstruction } from '@nsinit/syscall';

/**
 * A step of a starting process that failed: which system call with which arguments, why it was made, which
 * configuration field asked for it, and the kernel's own words where it had some.
 */
export class StepError extends Error {
  override readonly name = 'StepError';
  /** The step as a printed program shows it. */
  readonly step: PrintedInstruction;
  /** The error number; 0 when the program decided to fail without one. */
  readonly errno: number;
  /** The error's name: `EPERM`. */
  readonly code: ErrnoName | `E${number}`;
  /** A number that the step reported: the exit status of a command, say. */
  readonly value: bigint;
  /** What the kernel or a command said about it; empty when nothing. */
  readonly detail: string;

  constructor(step: PrintedInstruction, errno: number, value: bigint, detail: string) {
    const why = [step.field, step.what].filter((part) => part !== undefined).join(': ');
    const call = step.op === 'fail' || step.op === 'branch' ? '' : `: ${step.text.replace(/ = [^=)]*$/, '')}`;
    const cause = errno === 0 ? '' : `: ${errnoName(errno)} (${errnoMessage(errno)})`;
    const said = detail === '' ? '' : `: ${detail}`;
    super(`${why || `step ${step.index}`}${call}${cause}${said}`);
    this.step = step;
    this.errno = errno;
    this.code = errnoName(errno);
    this.value = value;
    this.detail = detail;
  }
}

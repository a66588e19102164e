import type { ErrnoName } from '@nsinit/syscall';

/** The codes of the original libcontainer, with its numbers. */
export const errorCodes = {
  IdInUse: 0,
  InvalidIdFormat: 1,
  ContainerNotExists: 2,
  ContainerPaused: 3,
  ContainerNotStopped: 4,
  ContainerNotRunning: 5,
  ProcessNotExecuted: 6,
  ConfigInvalid: 7,
  SystemError: 8,
} as const;

/** What kind of failure an error is. */
export type ErrorCode = keyof typeof errorCodes;

const texts: Readonly<Record<ErrorCode, string>> = {
  IdInUse: 'Id already in use',
  InvalidIdFormat: 'Invalid format',
  ContainerNotExists: 'Container does not exist',
  ContainerPaused: 'Container paused',
  ContainerNotStopped: 'Container is not stopped',
  ContainerNotRunning: 'Container is not running',
  ProcessNotExecuted: 'Process is not executed',
  ConfigInvalid: 'Invalid configuration',
  SystemError: 'System error',
};

/** A code in words, as the original had them (`ProcessNotExecuted` got words of its own). */
export function errorCodeText(code: ErrorCode): string {
  return texts[code];
}

/** What is known of a failure beside its message. */
export interface ErrorFacts {
  /** The step that failed, in words: `mount sysfs on /sys`. */
  readonly step?: string;
  /** The error number's name: `EPERM`. */
  readonly errno?: ErrnoName | `E${number}`;
  /** The path that it is about. */
  readonly path?: string;
  /** The configuration field that asked for the step: `mounts[3]`. */
  readonly field?: string;
  /** What the user can do about it. */
  readonly hint?: string;
  /** What a shell would exit with: 126 for a command that cannot be executed, 127 for one that is not found. */
  readonly exitCode?: number;
  /** What caused it. */
  readonly cause?: unknown;
}

/** Every failure of this package. The cause chain is never cut: `cause` leads to the system call. */
export class ContainerError extends Error {
  override readonly name = 'ContainerError';
  /** What kind of failure it is; branch on this, not on the text. */
  readonly code: ErrorCode;
  readonly step: string | undefined;
  readonly errno: string | undefined;
  readonly path: string | undefined;
  readonly field: string | undefined;
  readonly hint: string | undefined;
  readonly exitCode: number | undefined;
  /** When it happened. */
  readonly timestamp = new Date();

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.step = facts.step;
    this.errno = facts.errno;
    this.path = facts.path;
    this.field = facts.field;
    this.hint = facts.hint;
    this.exitCode = facts.exitCode;
  }

  /** `[8] System error: …`, as the original printed itself. */
  override toString(): string {
    return `[${errorCodes[this.code]}] ${texts[this.code]}: ${this.message}`;
  }

  /** Everything, on several lines: time, code, facts, the chain of causes, the stack. */
  detail(): string {
    const lines = [
      `Timestamp: ${this.timestamp.toISOString()}`,
      `Code: ${texts[this.code]}`,
      `Message: ${this.message}`,
    ];
    for (const fact of ['step', 'field', 'path', 'errno', 'hint'] as const)
      if (this[fact] !== undefined) lines.push(`${fact[0]!.toUpperCase()}${fact.slice(1)}: ${this[fact]}`);
    for (let { cause } = this as Error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined)
      lines.push(`Caused by: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)}`);
    lines.push('Frames:', ...(this.stack ?? '').split('\n').slice(1));
    return `${lines.join('\n')}\n`;
  }
}

/** Makes any failure a {@link ContainerError}: one that is one already stays as it is, others become its cause. */
export function asContainerError(error: unknown, message: string, facts: ErrorFacts = {}): ContainerError {
  if (error instanceof ContainerError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const errno = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return new ContainerError('SystemError', `${message}: ${reason}`, {
    ...(errno === undefined ? {} : { errno: errno as ErrnoName }),
    ...facts,
    cause: error,
  });
}

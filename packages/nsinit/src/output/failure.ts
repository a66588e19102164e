import type { ContainerError } from '@nsinit/libcontainer';
import type { UsageError } from '../cli/usage-error.ts';
import type { FileError } from '../config/file-error.ts';
import { flagsBehind, type Origin } from '../config/origins.ts';

/** A failure together with the flags that may have led to it. */
export class FlaggedError extends Error {
  override readonly name = 'FlaggedError';
  readonly origins: readonly Origin[];

  /** @param cause the failure. */
  constructor(cause: unknown, origins: readonly Origin[]) {
    super(messageOf(cause), { cause });
    this.origins = origins;
  }
}

/** Classes of failures. */
interface Failures {
  readonly ContainerError: ContainerError;
  readonly FileError: FileError;
  readonly FlaggedError: FlaggedError;
  readonly UsageError: UsageError;
}

/**
 * Failures are known by the names of their classes. The class of the library would load all of it for every command, and
 * the others are there twice: in the file that every call needs and in the one with the commands.
 */
function is<Name extends keyof Failures>(error: unknown, name: Name): error is Failures[Name] {
  return error instanceof Error && error.name === name;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What a shell would exit with: 126 and 127 for a command that cannot be executed or is not found, else 1. */
export function exitCodeOf(error: unknown): number {
  if (is(error, 'FlaggedError')) return exitCodeOf(error.cause);
  return is(error, 'ContainerError') ? (error.exitCode ?? 1) : 1;
}

/** A failure for a person: mostly one line, or one for each problem of a configuration, with what to do about it. */
export function failureText(error: unknown, origins: readonly Origin[] = []): string {
  if (is(error, 'FlaggedError')) return failureText(error.cause, error.origins);
  if (is(error, 'FileError')) {
    return messageOf(error.cause)
      .split('\n')
      .map((line) => `${error.path}: ${line}`)
      .join('\n');
  }
  if (is(error, 'UsageError')) return withHint(error.message, error.hint);
  if (is(error, 'ContainerError')) {
    const flags = flagsBehind(error.field, origins);
    const askedBy = flags.length === 0 ? undefined : `asked for by ${flags.join(', ')}`;
    return withHint(error.message, [askedBy, error.hint].filter(Boolean).join('; ') || undefined);
  }
  return messageOf(error);
}

const withHint = (message: string, hint: string | undefined): string =>
  hint === undefined ? message : `${message} (${hint})`;

/** Everything that is known of a failure: facts, the chain of causes, the stack. */
export function failureDetails(error: unknown): string {
  if (is(error, 'FlaggedError')) return failureDetails(error.cause);
  if (is(error, 'ContainerError')) return `${failureText(error)}\n${error.detail().trimEnd()}`;
  if (!(error instanceof Error)) return String(error);
  const lines = [error.stack ?? error.message];
  for (let { cause } = error; cause !== undefined; cause = cause instanceof Error ? cause.cause : undefined)
    lines.push(`Caused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  return lines.join('\n');
}

import { type ErrnoName, errnoMessage, errnoName } from '@nsinit/syscall';
import type { LogLine } from './log.ts';

/**
 * What kind of failure it is:
 *
 * | kind | meaning |
 * | --- | --- |
 * | `missing` | there is no criu |
 * | `broken` | there is one, and it does not start |
 * | `too-old` | it is older than {@link minimumVersion} |
 * | `failed` | criu did what it was asked, and says that it failed |
 * | `refused` | a notification was answered with a refusal, or not at all |
 * | `aborted` | the AbortSignal |
 * | `died` | criu ended without an answer |
 * | `protocol` | an answer that is not one |
 */
export type CriuErrorKind = 'missing' | 'broken' | 'too-old' | 'failed' | 'refused' | 'aborted' | 'died' | 'protocol';

/** What is known about a failure beside its message. */
export interface CriuErrorDetails {
  readonly kind: CriuErrorKind;
  readonly request?: string | undefined;
  /** CRIU's error number; it tells none for many failures. */
  readonly errno?: number | undefined;
  readonly log?: readonly LogLine[] | undefined;
  readonly logPath?: string | undefined;
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** An operation of criu that did not succeed. The message quotes the first decisive line of its log. */
export class CriuError extends Error {
  override readonly name = 'CriuError';
  readonly kind: CriuErrorKind;
  /** What was asked for: `dump`, `restore`, `version` … */
  readonly request: string | undefined;
  /** CRIU's error number, or undefined when it told none. */
  readonly errno: number | undefined;
  /** Its name: `ESRCH`. */
  readonly code: ErrnoName | `E${number}` | undefined;
  /** The lines of the log that tell why, the first one being the cause. Empty when there is no log. */
  readonly log: readonly LogLine[];
  /** Where the whole log is. */
  readonly logPath: string | undefined;
  /** What can be done about it, for the failures that are common. */
  readonly remedy: string | undefined;

  constructor(message: string, details: CriuErrorDetails) {
    const { errno, remedy } = details;
    const number = errno === undefined ? '' : ` (${errnoName(errno)}: ${errnoMessage(errno)})`;
    super(`${message}${number}${remedy === undefined ? '' : `; ${remedy}`}`, { cause: details.cause });
    this.kind = details.kind;
    this.request = details.request;
    this.errno = errno;
    this.code = errno === undefined ? undefined : errnoName(errno);
    this.log = details.log ?? [];
    this.logPath = details.logPath;
    this.remedy = remedy;
  }
}

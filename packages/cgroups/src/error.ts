/** What kind of failure a {@link CgroupError} is. */
export type CgroupErrorCode =
  /** A file or directory could not be read, written, made or removed; `errno` says why. */
  | 'ERR_CGROUP_IO'
  /** The text of a file of the kernel is not what its documentation promises. */
  | 'ERR_CGROUP_PARSE'
  /** No hierarchy of this host has the controller that a limit needs. */
  | 'ERR_CGROUP_CONTROLLER'
  /** An option or a limit that cannot be meant, found before anything was touched. */
  | 'ERR_CGROUP_INVALID'
  /** The group exists already and is in use, or frozen. */
  | 'ERR_CGROUP_BUSY'
  /** Something did not happen within its bound. */
  | 'ERR_CGROUP_TIMEOUT'
  /** The bus or systemd behind it refused, or is not there. */
  | 'ERR_CGROUP_BUS';

/** Details of a {@link CgroupError}; every one that applies is part of its message. */
export interface CgroupErrorDetails {
  /** The group's directory. */
  readonly path?: string | undefined;
  /** The file in it. */
  readonly file?: string | undefined;
  /** What was to be written. */
  readonly data?: string | undefined;
  /** Name of the error number: `EINVAL`. */
  readonly errno?: string | undefined;
  /** The field of the resources that asked for it. */
  readonly field?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** The error below. */
  readonly cause?: unknown;
}

/** A failure of this package: which group, which file, what was written, why, and what to do. */
export class CgroupError extends Error {
  override readonly name = 'CgroupError';
  /** Kind of the failure: branch on this, and on `errno`, never on the text. */
  readonly code: CgroupErrorCode;
  readonly path: string | undefined;
  readonly file: string | undefined;
  readonly data: string | undefined;
  readonly errno: string | undefined;
  readonly field: string | undefined;
  readonly hint: string | undefined;

  constructor(code: CgroupErrorCode, what: string, details: CgroupErrorDetails = {}) {
    const field = details.field === undefined ? '' : `${details.field}: `;
    const hint = details.hint === undefined ? '' : ` (${details.hint})`;
    super(`${field}${what}${hint}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = details.path;
    this.file = details.file;
    this.data = details.data;
    this.errno = details.errno;
    this.field = details.field;
    this.hint = details.hint;
  }
}

/** Whether an error says that no hierarchy has a controller. */
export function isControllerMissing(error: unknown): error is CgroupError {
  return error instanceof CgroupError && error.code === 'ERR_CGROUP_CONTROLLER';
}

/** The name of the error number that an error of node:fs or of this package carries. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof CgroupError) return error.errno;
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}

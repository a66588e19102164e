/**
 * Why maps could not be had: `ERR_NO_USER` no such user, `ERR_NO_RANGE` the user may not map these ids, `ERR_NO_HELPER`
 * newuidmap(1) is missing or cannot work, `ERR_BAD_MAP` the kernel takes no such map, `ERR_REFUSED` the kernel or the helper
 * refused it for another reason.
 */
export type IdMapErrorCode = 'ERR_NO_USER' | 'ERR_NO_RANGE' | 'ERR_NO_HELPER' | 'ERR_BAD_MAP' | 'ERR_REFUSED';

/** What is known of it beside the message. */
export interface IdMapErrorFacts {
  /** Which of the two maps. */
  readonly kind?: 'uid' | 'gid';
  /** The file or program that it is about. */
  readonly path?: string;
  /** Name of the error number: `EPERM`. */
  readonly errno?: string;
  /** What the user can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Id maps that a user cannot have. Branch on `code`. */
export class IdMapError extends Error {
  override readonly name = 'IdMapError';
  readonly code: IdMapErrorCode;
  readonly kind: 'uid' | 'gid' | undefined;
  readonly path: string | undefined;
  readonly errno: string | undefined;
  readonly hint: string | undefined;

  constructor(code: IdMapErrorCode, message: string, facts: IdMapErrorFacts = {}) {
    super(message, { cause: facts.cause });
    this.code = code;
    this.kind = facts.kind;
    this.path = facts.path;
    this.errno = facts.errno;
    this.hint = facts.hint;
  }
}

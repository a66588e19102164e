/**
 * Why a user or group rule failed:
 *
 * - `ERR_USER_NO_SOURCE` there is no text to parse
 * - `ERR_USER_READ` a passwd or group file cannot be read
 * - `ERR_USER_NOT_FOUND` no entry of a file matches a lookup
 * - `ERR_USER_UNKNOWN_USER` a user name stands in no passwd entry
 * - `ERR_USER_UNKNOWN_GROUP` a group name stands in no group entry
 * - `ERR_USER_RANGE` an id is not in 0 to 2147483647
 * - `ERR_USER_SPEC` a user text has more than one colon
 * - `ERR_USER_UNSUPPORTED` this platform has no user ids
 */
export type UserErrorCode =
  | 'ERR_USER_NO_SOURCE'
  | 'ERR_USER_READ'
  | 'ERR_USER_NOT_FOUND'
  | 'ERR_USER_UNKNOWN_USER'
  | 'ERR_USER_UNKNOWN_GROUP'
  | 'ERR_USER_RANGE'
  | 'ERR_USER_SPEC'
  | 'ERR_USER_UNSUPPORTED';

/** Failure of a user or group rule. Branch on `code`; for a failed read `cause` is Node's error with its errno. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Stable reason. */
  readonly code: UserErrorCode;

  constructor(code: UserErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

import { UserError } from './error.ts';

/** Smallest id that a process may get here. */
export const MIN_ID = 0;

/** Greatest id that a process may get here: what every system call takes also as a signed number. */
export const MAX_ID = 2 ** 31 - 1;

// The kernel's uid_t has 32 bits and -1 means "leave as it is"; a file may hold ids up to the one below.
const MAX_FILE_ID = 2 ** 32 - 2;

/** Reads the id field of a passwd or group line; undefined when it is empty, no decimal number, or no uid_t. */
export function parseFileId(field: string): number | undefined {
  if (!/^\d+$/.test(field)) return undefined;
  const id = Number(field);
  return id <= MAX_FILE_ID ? id : undefined;
}

/**
 * Checks that a process may get an id.
 *
 * @param what who asks, for the message: `user "-5"`
 * @throws {UserError} ERR_USER_RANGE
 */
export function checkId(id: number, what: string): number {
  if (Number.isInteger(id) && id >= MIN_ID && id <= MAX_ID) return id;
  throw new UserError('ERR_USER_RANGE', `${what}: user and group ids must be in range ${MIN_ID}-${MAX_ID}`);
}

/**
 * Reads a user or group that may be an id: digits are one, with a minus sign they are one out of range. Undefined for
 * any other text, which is a name then.
 *
 * @param what who asks, for the message
 * @throws {UserError} ERR_USER_RANGE
 */
export function parseSpecId(text: string, what: string): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined;
  // "-0" is no id either: whoever writes a sign did not mean root.
  return checkId(text.startsWith('-') ? Number.NaN : Number(text), what);
}

import { LsmError } from '../error.ts';

/** Longest text that the kernel takes as an attribute, in bytes: a page. */
const LONGEST = 4095;

/**
 * Checks the name of a profile: `docker-default`, `:namespace:profile`, `outer//&inner` for a stack.
 *
 * @throws {LsmError} for a text that no profile can be called.
 */
export function checkProfileName(name: string): void {
  const refuse = (why: string): never => {
    throw new LsmError(`${JSON.stringify(name)} is not the name of an AppArmor profile: ${why}`, { subject: name });
  };
  if (name === '') refuse('it is empty');
  if (name.includes('\0') || name.includes('\n')) refuse('it holds a control character');
  if (name !== name.trim()) refuse('it begins or ends with a blank');
  if (Buffer.byteLength(name) + 'stack '.length > LONGEST) refuse('it is too long');
}

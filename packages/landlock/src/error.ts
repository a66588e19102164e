/** A ruleset that cannot be, or that this kernel cannot enforce, and where in it the reason lies. */
export class LandlockError extends Error {
  override readonly name = 'LandlockError';
  /** Path of the value in the ruleset: `paths[3].access[0]`; empty for the ruleset as a whole. */
  readonly field: string;
  /** The message without field and hint. */
  readonly reason: string;
  /** What to do about it; undefined when the message says it. */
  readonly hint: string | undefined;

  constructor(field: string, message: string, hint?: string) {
    super(`${field ? `${field}: ` : ''}${message}${hint ? `; ${hint}` : ''}`);
    this.field = field;
    this.reason = message;
    this.hint = hint;
  }
}

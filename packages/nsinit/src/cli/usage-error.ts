/** A command line that says nothing that can be done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** What to do instead; undefined: the message says it. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

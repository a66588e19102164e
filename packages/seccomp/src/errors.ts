/** A filter that cannot be made, and where in the profile the reason lies. */
export class SeccompError extends Error {
  override readonly name = 'SeccompError';
  /** Path of the value in the profile: `syscalls[3].args[0].index`; empty for the filter as a whole. */
  readonly field: string;
  /** What to do about it; undefined when the message says it. */
  readonly hint: string | undefined;

  constructor(field: string, message: string, hint?: string) {
    super(`${field ? `${field}: ` : ''}${message}${hint ? `; ${hint}` : ''}`);
    this.field = field;
    this.hint = hint;
  }
}

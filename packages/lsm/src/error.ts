/** Something about a profile or a label that cannot be done. */
export class LsmError extends Error {
  override readonly name = 'LsmError';
  /** The file, profile or label that it is about; undefined: none. */
  readonly subject: string | undefined;
  /** What can be done; undefined when the message says it. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    options: { readonly subject?: string; readonly hint?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(options.hint === undefined ? message : `${message}; ${options.hint}`, { cause: options.cause });
    this.subject = options.subject;
    this.hint = options.hint;
  }
}

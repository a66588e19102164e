/** A file that cannot be read or understood. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly path: string;

  /** @param cause what is wrong with it. */
  constructor(path: string, cause: unknown) {
    super(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.path = path;
  }
}

/** What went wrong: a line that is no mountinfo line, a file that cannot be read, or an unusable path argument. */
export type MountinfoErrorCode = 'ERR_MOUNTINFO_FORMAT' | 'ERR_MOUNTINFO_READ' | 'ERR_MOUNTINFO_PATH';

/** Failure to read or to search mountinfo. Branch on `code`; for a failed read `cause` is Node's error with its errno. */
export class MountinfoError extends Error {
  override readonly name = 'MountinfoError';
  /** Stable reason. */
  readonly code: MountinfoErrorCode;

  constructor(code: MountinfoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

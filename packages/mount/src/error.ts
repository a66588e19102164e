/** What is wrong: an entry that cannot be compiled, or a file that is no device. */
export type MountErrorCode = 'ERR_MOUNT_CONFIG' | 'ERR_MOUNT_DESTINATION' | 'ERR_NOT_A_DEVICE';

/** A configuration from which no instructions can be made. Branch on `code`; `field` names the place. */
export class MountError extends Error {
  override readonly name = 'MountError';
  /** Stable reason. */
  readonly code: MountErrorCode;
  /** The configuration field, such as `mounts[3]`; undefined when no configuration is involved. */
  readonly field: string | undefined;

  constructor(code: MountErrorCode, message: string, field?: string) {
    super(field === undefined ? message : `${field}: ${message}`);
    this.code = code;
    this.field = field;
  }
}

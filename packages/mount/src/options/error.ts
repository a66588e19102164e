/** A mount option text that has no meaning, or flags that no option can express. `code` is `ERR_MOUNT_OPTION`. */
export class MountOptionError extends Error {
  override readonly name = 'MountOptionError';
  /** Stable reason. */
  readonly code = 'ERR_MOUNT_OPTION';
}

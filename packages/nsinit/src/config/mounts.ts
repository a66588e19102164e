import { resolve } from 'node:path';
import { MOUNT_FLAGS, type Mount } from '@nsinit/config';
import { UsageError } from '../cli/usage-error.ts';

const { MS_BIND, MS_REC, MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC } = MOUNT_FLAGS;

/**
 * The mount of `--bind SRC:DST[:OPTION,…]`.
 *
 * @param cwd directory from which a relative source counts.
 * @throws {UsageError} when a part is missing or an option is none of ro, rw, idmap and ridmap, or contradicts another.
 */
export function bindMount(text: string, cwd: string): Mount {
  const [source, destination, mode = '', ...more] = text.split(':');
  if (!source || !destination || more.length > 0)
    throw new UsageError(`invalid bind mount ${text}`, 'write SRC:DST or SRC:DST:ro');
  const options = mode === '' ? [] : mode.split(',');
  const writable = options.filter(isOneOf(['ro', 'rw']));
  const mapped = options.filter(isOneOf(['idmap', 'ridmap']));
  if (writable.length + mapped.length < options.length || writable.length > 1 || mapped.length > 1)
    throw new UsageError(
      `invalid bind mount mode ${mode}`,
      'it is ro or rw, idmap or ridmap, or one of each, as ro,idmap',
    );
  const flags = MS_BIND | MS_REC | (writable[0] === 'ro' ? MS_RDONLY : 0);
  const idmap = mapped[0] === undefined ? {} : { idmap: mapped[0] };
  return { source: resolve(cwd, source), destination, device: 'bind', flags, ...idmap };
}

const isOneOf =
  <const T extends string>(known: readonly T[]) =>
  (text: string): text is T =>
    known.some((one) => one === text);

/** The mount of `--tmpfs DIR`. */
export function tmpfsMount(destination: string): Mount {
  return { source: 'tmpfs', destination, device: 'tmpfs', flags: MS_NOEXEC | MS_NOSUID | MS_NODEV };
}

/** The mount of `--cgroup`. */
export const CGROUP_MOUNT: Mount = { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 };

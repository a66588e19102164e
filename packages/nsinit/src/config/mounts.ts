import { resolve } from 'node:path';
import { MOUNT_FLAGS, type Mount } from '@nsinit/config';
import { UsageError } from '../cli/usage-error.ts';

const { MS_BIND, MS_REC, MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC } = MOUNT_FLAGS;

/**
 * The mount of `--bind SRC:DST[:ro|rw]`.
 *
 * @param cwd directory from which a relative source counts.
 * @throws {UsageError} when a part is missing or the mode is another.
 */
export function bindMount(text: string, cwd: string): Mount {
  const [source, destination, mode = 'rw', ...more] = text.split(':');
  if (!source || !destination || more.length > 0)
    throw new UsageError(`invalid bind mount ${text}`, 'write SRC:DST or SRC:DST:ro');
  if (mode !== 'ro' && mode !== 'rw') throw new UsageError(`invalid bind mount mode ${mode}`, 'it is ro or rw');
  const flags = MS_BIND | MS_REC | (mode === 'ro' ? MS_RDONLY : 0);
  return { source: resolve(cwd, source), destination, device: 'bind', flags };
}

/** The mount of `--tmpfs DIR`. */
export function tmpfsMount(destination: string): Mount {
  return { source: 'tmpfs', destination, device: 'tmpfs', flags: MS_NOEXEC | MS_NOSUID | MS_NODEV };
}

/** The mount of `--cgroup`. */
export const CGROUP_MOUNT: Mount = { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 };

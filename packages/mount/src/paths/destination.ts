import { MountError } from '../error.ts';
import { containerPath, isInside } from './container-path.ts';

/**
 * The place of a mount as a path of the container. A destination that begins with the whole `rootfs` is taken as a path
 * of the host, as older configurations write it; every other one counts from the container's `/`.
 */
export function destinationInRoot(rootfs: string, destination: string): string {
  const root = containerPath(rootfs);
  const path = containerPath(destination);
  if (root === '/' || !isInside(path, root)) return path;
  return containerPath(path.slice(root.length));
}

/**
 * Refuses places that nothing may be mounted on: `/` itself, and `/proc` with everything below it, where a mount could
 * pass for the kernel's own files. A `proc` mount may be on `/proc`.
 *
 * @param rootfs path of the root file system on the host
 * @param destination path of the host below `rootfs`, or of the container
 * @param device what is mounted; `proc` is let through on `/proc` exactly
 * @param field the configuration field, for the message
 * @throws {MountError} ERR_MOUNT_DESTINATION
 */
export function checkMountDestination(rootfs: string, destination: string, device?: string, field?: string): void {
  const path = destinationInRoot(rootfs, destination);
  if (path === '/') throw new MountError('ERR_MOUNT_DESTINATION', 'mounting into / is prohibited', field);
  if (!isInside(path, '/proc') || (device === 'proc' && path === '/proc')) return;
  throw new MountError(
    'ERR_MOUNT_DESTINATION',
    `${JSON.stringify(destination)} cannot be mounted because it is located inside "/proc"`,
    field,
  );
}

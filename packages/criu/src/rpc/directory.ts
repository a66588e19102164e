import { AT_FDCWD, Fd, invoke } from '@nsinit/syscall';

/**
 * Opens a directory for criu, which reaches it by this process's number.
 *
 * @throws {SyscallError} such as ENOENT, with the path.
 */
export function openDirectory(path: string): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'] }));
}

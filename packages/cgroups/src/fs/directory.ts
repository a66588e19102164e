import { AT_FDCWD, Fd, invoke } from '@nsinit/syscall';

/** The directory of a group, for CLONE_INTO_CGROUP and bpf(2). */
export function openDirectory(path: string): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'] }));
}

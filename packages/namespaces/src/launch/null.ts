import { Fd, fdAt, invoke } from '@nsinit/syscall';

/** The null device for a process without standard streams. */
export function openNull(): Fd {
  return new Fd(invoke('openat', { dirfd: fdAt(-100), pathname: '/dev/null', flags: ['O_RDWR', 'O_CLOEXEC'] }));
}

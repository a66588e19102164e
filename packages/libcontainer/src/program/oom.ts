import { AT_FDCWD, type ProgramBuilder } from '@nsinit/syscall';

/**
 * Sets the process's inclination to be killed when memory is out, through the host's /proc: before the container's own
 * file system is there. proc(5)
 */
export function compileOomScoreAdj(b: ProgramBuilder, value: number | undefined): void {
  if (value === undefined) return;
  b.because({ what: `set oom_score_adj to ${value}`, field: 'oomScoreAdj' }, () => {
    const fd = b.call('openat', {
      dirfd: AT_FDCWD,
      pathname: '/proc/self/oom_score_adj',
      flags: ['O_WRONLY', 'O_CLOEXEC'],
    });
    b.call('write', { fd, buf: b.string(String(value)) });
    b.call('close', { fd });
  });
}

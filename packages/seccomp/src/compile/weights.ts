import { type Architecture, X32_BIT } from '../architecture.ts';
import { syscallNumber } from '../syscalls/lookup.ts';

/** How often programs make calls, roughly; those that are not named count 1. */
const often: readonly (readonly [weight: number, names: string])[] = [
  [200, 'read write futex epoll_wait epoll_pwait clock_gettime sendto recvfrom sendmsg recvmsg'],
  [100, 'openat close newfstatat fstat fstatat64 statx lseek pread64 pwrite64 readv writev mmap mmap2 munmap mprotect'],
  [100, 'madvise brk rt_sigprocmask rt_sigaction ioctl poll ppoll select pselect6 epoll_ctl fcntl fcntl64 sched_yield'],
  [
    30,
    'open stat lstat access readlink readlinkat getdents64 getpid gettid getuid nanosleep clock_nanosleep gettimeofday',
  ],
  [
    30,
    'clone clone3 execve wait4 waitid exit exit_group pipe2 dup dup2 dup3 socket connect accept4 setsockopt getsockopt',
  ],
];

const byArchitecture = new Map<Architecture, ReadonlyMap<number, number>>();

function weightsOf(architecture: Architecture): ReadonlyMap<number, number> {
  let weights = byArchitecture.get(architecture);
  if (!weights) {
    const found = new Map<number, number>();
    for (const [weight, names] of often)
      for (const name of names.split(' ')) {
        const number = syscallNumber(architecture, name);
        if (number !== undefined) found.set(number, weight);
      }
    weights = found;
    byArchitecture.set(architecture, weights);
  }
  return weights;
}

/** The expected frequency of calls from one number up to another, relative to others; x32 has its bit. */
export function weightOf(architecture: Architecture, first: number, end: number): number {
  const bit = architecture === 'x32' ? X32_BIT : 0;
  const weights = weightsOf(architecture);
  if (end === first + 1) return 1 + (weights.get(first - bit) ?? 0);
  let sum = 1;
  for (const [number, weight] of weightsOf(architecture))
    if (number + bit >= first && number + bit < end) sum += weight;
  return sum;
}

import { type Int64, UINT64_MAX } from './integers.ts';

/** Numbers of the resources of getrlimit(2) (asm-generic/resource.h: the same on x86-64 and arm64). */
export const RLIMITS = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
} as const;

/** Name of a resource (`RLIMIT_NOFILE`). */
export type RlimitName = keyof typeof RLIMITS;

/** The limit that means none. */
export const RLIM_INFINITY = UINT64_MAX;

/** A resource limit of the container's processes. */
export interface Rlimit {
  /** Name, or number of the kernel (NOFILE is 7). */
  readonly type: RlimitName | number;
  /** Limit in force; {@link RLIM_INFINITY}: none. At most `hard`. */
  readonly soft: Int64;
  /** Limit up to which a process may raise the soft one. */
  readonly hard: Int64;
}

/** The kernel's number of a limit's resource. */
export function rlimitNumber(type: Rlimit['type']): number {
  return typeof type === 'number' ? type : RLIMITS[type];
}

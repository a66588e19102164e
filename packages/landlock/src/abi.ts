import { errnoName, tryInvoke } from '@nsinit/syscall';

/** What a kernel says of Landlock. */
export interface Support {
  /** Version of Landlock that is in use; 0: none. */
  readonly abi: number;
  /** Why it is not in use; undefined when it is. */
  readonly reason?: string;
}

/** Asks the kernel for its version of Landlock. landlock_create_ruleset(2) */
export function landlockSupport(): Support {
  const result = tryInvoke('landlock_create_ruleset', {
    attr: null,
    size: 0,
    flags: ['LANDLOCK_CREATE_RULESET_VERSION'],
  });
  return supportOf(result);
}

/** What the kernel's answer means: a version, or a negated errno. */
export function supportOf(result: number): Support {
  if (result > 0) return { abi: result };
  const errno = errnoName(-result);
  if (errno === 'ENOSYS') return { abi: 0, reason: 'the kernel is built without Landlock' };
  if (errno === 'EOPNOTSUPP')
    return { abi: 0, reason: 'Landlock is off: add landlock to lsm= of the kernel command line' };
  return {
    abi: 0,
    reason: `landlock_create_ruleset: ${errno}: perhaps a seccomp filter around this process refuses it`,
  };
}

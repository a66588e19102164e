import { RLIMITS, type Rlimit, rlimitNumber } from '@nsinit/config';
import type { ProgramBuilder } from '@nsinit/syscall';

/** Sets the resource limits of the process. prlimit(2) */
export function compileRlimits(b: ProgramBuilder, rlimits: readonly Rlimit[]): void {
  for (const [index, { type, soft, hard }] of rlimits.entries()) {
    const resource = rlimitNumber(type);
    const name = Object.entries(RLIMITS).find(([, number]) => number === resource)?.[0] ?? `resource ${resource}`;
    b.call(
      'prlimit64',
      { pid: 0, resource, new_limit: { rlim_cur: soft, rlim_max: hard }, old_limit: null },
      { what: `limit ${name} to ${soft}/${hard}`, field: `rlimits[${index}]` },
    );
  }
}

import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** Fewer open files than this are soon used up by a service that starts containers. */
const FEW_FILES = 1024;

/** What the kernel itself begins with. proc_sys_kernel(5) */
const USUAL_PIDS = 32_768;

const { ok, limited } = findingsOf('limits');

/** Limits of this process and of the host. */
export function evaluateLimits({ openFiles: { soft, hard }, sysctls }: Facts): readonly Finding[] {
  const text = `${soft ?? 'unlimited'}, at most ${hard ?? 'unlimited'}`;
  const files =
    soft === undefined || soft >= FEW_FILES
      ? ok('open files', text)
      : limited('open files', text, `ulimit -n ${FEW_FILES}`);
  const pids = Number(sysctls['kernel.pid_max'] ?? Number.NaN);
  if (Number.isNaN(pids)) return [files];
  const processes =
    pids >= USUAL_PIDS
      ? ok('process ids', `up to ${pids}`)
      : limited('process ids', `up to ${pids} for the whole host`, `sysctl -w kernel.pid_max=${USUAL_PIDS}`);
  return [files, processes];
}

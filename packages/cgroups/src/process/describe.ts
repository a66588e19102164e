import { readFileSync } from 'node:fs';

/** A process that is in the way. */
export interface ProcessDescription {
  readonly pid: number;
  /** Its short name; empty when it has ended meanwhile. */
  readonly name: string;
  /** `R`, `S`, `D` (uninterruptible), `Z` (zombie), `T` … of proc_pid_stat(5); empty when it has ended meanwhile. */
  readonly state: string;
  /** The kernel function it sleeps in; empty when it does not, or this user may not know. */
  readonly wchan: string;
}

/** What can be told of a process that does not freeze or end. */
export function describeProcess(pid: number): ProcessDescription {
  const stat = tryRead(`/proc/${pid}/stat`);
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const wchan = tryRead(`/proc/${pid}/wchan`);
  return {
    pid,
    name: stat.slice(open + 1, close),
    state: stat.slice(close + 2, close + 3),
    wchan: wchan === '0' ? '' : wchan,
  };
}

/** A line for people: `4711 (dd) in state D at folio_wait_bit`; at most ten processes are told. */
export function describeProcesses(pids: readonly number[]): string {
  const told = pids.slice(0, 10).map((pid) => {
    const { name, state, wchan } = describeProcess(pid);
    return `${pid} (${name}) in state ${state || '?'}${wchan === '' ? '' : ` at ${wchan}`}`;
  });
  return pids.length > told.length ? `${told.join(', ')} and ${pids.length - told.length} more` : told.join(', ');
}

/** The process may be gone, or another user's. */
function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

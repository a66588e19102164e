import { type CgroupPlace, noCgroup } from '../cgroups.ts';
import type { ContainerFilter } from './seccomp.ts';

/** How a process is started, beside what it is. */
export interface HowToStart {
  /** Whether a supervisor stays outside; undefined: yes. */
  readonly supervisor?: boolean | undefined;
  /** Where it is put; undefined: it stays in the cgroups of its starter. */
  readonly place?: CgroupPlace;
  /** Its filter of system calls; undefined: it has none. */
  readonly filter?: ContainerFilter | undefined;
}

/** The same with nothing left open. */
export interface DecidedStart {
  readonly supervisor: boolean;
  readonly place: CgroupPlace;
  readonly filter: ContainerFilter | undefined;
}

/** Fills in what was not said. */
export function decide({ supervisor = true, place = noCgroup, filter }: HowToStart): DecidedStart {
  return { supervisor, place, filter };
}

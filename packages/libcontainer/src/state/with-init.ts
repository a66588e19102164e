import type { State } from '@nsinit/config';
import { namespacePaths } from '../namespace-set.ts';
import { procLink, startTime } from './proc.ts';

/** The state of a container whose first process is this one. A process that has ended has no start time, and needs none. */
export function withInit(state: State, pid: number): State {
  const start = startTime(pid) ?? '';
  const descriptors = [0, 1, 2].map((fd) => procLink(pid, `fd/${fd}`) ?? '');
  return {
    ...state,
    initProcessPid: pid,
    initProcessStart: start,
    namespacePaths: namespacePaths(state.config, pid),
    ...(start === '' ? {} : { externalDescriptors: descriptors }),
  };
}

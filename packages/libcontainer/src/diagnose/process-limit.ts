import { errnoMessage } from '@nsinit/syscall';
import type { Explanation, Failure } from './failure.ts';
import { readText, sysctl } from './host.ts';

/** Why no process could be made: the pids controller, RLIMIT_NPROC, or the host has as many as it can. fork(2), EAGAIN */
export function whyNoProcess({ error, context }: Failure): Explanation {
  const pid = context.pid ?? 'self';
  const words = errnoMessage(error.errno);
  for (const directory of pidsGroups(readText(`/proc/${pid}/cgroup`))) {
    const max = readText(`${directory}/pids.max`);
    const current = readText(`${directory}/pids.current`);
    if (max !== undefined && max !== 'max' && Number(current) >= Number(max))
      return {
        cause: `${words}: the control group has ${current} processes, and its pids.max is ${max}`,
        path: `${directory}/pids.max`,
        hint: 'raise the limit of the group that this process runs in (systemd: TasksMax)',
      };
  }
  const soft = /^Max processes +(\S+)/m.exec(readText(`/proc/${pid}/limits`) ?? '')?.[1] ?? 'unlimited';
  const host = `kernel.pid_max is ${sysctl('kernel/pid_max')}, kernel.threads-max is ${sysctl('kernel/threads-max')}`;
  return {
    cause: `${words}: no more processes are possible (RLIMIT_NPROC is ${soft}, ${host})`,
    hint: 'raise RLIMIT_NPROC of this user, or end other processes',
  };
}

/** The directories of the group of the pids controller and of those above it, from the text of /proc/<pid>/cgroup. */
export function pidsGroups(cgroup: string | undefined): readonly string[] {
  const groups: string[] = [];
  for (const line of (cgroup ?? '').split('\n')) {
    const [id, controllers = '', ...rest] = line.split(':');
    const path = rest.join(':');
    const bases =
      id === '0'
        ? ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']
        : controllers.split(',').includes('pids')
          ? ['/sys/fs/cgroup/pids']
          : [];
    for (const base of bases)
      for (let at = path; at !== '' && at !== '/'; at = at.slice(0, at.lastIndexOf('/'))) groups.push(`${base}${at}`);
  }
  return groups;
}

import { fieldArgument } from './call-text.ts';
import type { Explanation, Failure, Rule } from './failure.ts';
import { readText, sysctl } from './host.ts';
import { has, whyRefused } from './privilege.ts';

/** Failures of resource limits and of what is like them. */
export const limitRules: readonly Rule[] = [
  { ops: ['prlimit64'], explain: explainRlimit },
  {
    field: /^oomScoreAdj$/,
    ops: ['write'],
    errnos: ['EACCES', 'EPERM'],
    explain: () => ({
      cause: 'a lower value than now needs CAP_SYS_RESOURCE, which the process does not have',
      hint: `give at least ${readText('/proc/self/oom_score_adj') ?? 'the value of this process'}`,
    }),
  },
];

/** Names and lines of /proc/<pid>/limits by number. getrlimit(2) */
const resources: readonly (readonly [name: string, line: string])[] = [
  ['RLIMIT_CPU', 'Max cpu time'],
  ['RLIMIT_FSIZE', 'Max file size'],
  ['RLIMIT_DATA', 'Max data size'],
  ['RLIMIT_STACK', 'Max stack size'],
  ['RLIMIT_CORE', 'Max core file size'],
  ['RLIMIT_RSS', 'Max resident set'],
  ['RLIMIT_NPROC', 'Max processes'],
  ['RLIMIT_NOFILE', 'Max open files'],
  ['RLIMIT_MEMLOCK', 'Max locked memory'],
  ['RLIMIT_AS', 'Max address space'],
  ['RLIMIT_LOCKS', 'Max file locks'],
  ['RLIMIT_SIGPENDING', 'Max pending signals'],
  ['RLIMIT_MSGQUEUE', 'Max msgqueue size'],
  ['RLIMIT_NICE', 'Max nice priority'],
  ['RLIMIT_RTPRIO', 'Max realtime priority'],
  ['RLIMIT_RTTIME', 'Max realtime timeout'],
];

function explainRlimit(failure: Failure): Explanation | undefined {
  const number = Number(failure.args[1]);
  const [name = `limit ${number}`, line] = resources[number] ?? [];
  const soft = fieldArgument(failure.args[2], 'rlim_cur');
  const hard = fieldArgument(failure.args[2], 'rlim_max');
  if (failure.errno === 'EINVAL') {
    if (soft > hard) return { cause: `${name}: the soft limit ${soft} is above the hard limit ${hard}` };
    return line === undefined ? { cause: `the kernel has no resource limit ${number}` } : undefined;
  }
  if (failure.errno !== 'EPERM') return undefined;
  const open = sysctl('fs/nr_open');
  if (name === 'RLIMIT_NOFILE' && open !== undefined && hard > BigInt(open))
    return {
      cause: `${name}: the hard limit ${hard} is above fs.nr_open, which is ${open}`,
      path: '/proc/sys/fs/nr_open',
      hint: `give at most ${open}, or raise it: sysctl -w fs.nr_open=${hard}`,
    };
  if (has(failure, 'CAP_SYS_RESOURCE') && !failure.actor.inUserNamespace)
    return { ...whyRefused(failure, 'CAP_SYS_RESOURCE') };
  const limits = readText(`/proc/${failure.context.pid ?? 'self'}/limits`) ?? '';
  const now = line && new RegExp(`^${line} +\\S+ +(\\S+)`, 'm').exec(limits)?.[1];
  const than = now === undefined ? 'what it is now' : `${now}, which it is now`;
  return {
    cause: `${name}: a hard limit of ${hard} is more than ${than}, and raising it needs CAP_SYS_RESOURCE in the host's user namespace`,
    hint: `give at most ${now ?? 'the present limit'}, or raise the limit of the process that starts the container`,
  };
}

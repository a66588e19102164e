import type { NamespaceKind } from '@nsinit/namespaces';
import type { Facts, NamespaceFact } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** What each kind is called, the kernel option that brings it, and its limit. */
const KINDS = {
  NEWNS: { name: 'mount', option: undefined, limit: 'user.max_mnt_namespaces' },
  NEWPID: { name: 'pid', option: 'CONFIG_PID_NS', limit: 'user.max_pid_namespaces' },
  NEWNET: { name: 'network', option: 'CONFIG_NET_NS', limit: 'user.max_net_namespaces' },
  NEWIPC: { name: 'ipc', option: 'CONFIG_IPC_NS', limit: 'user.max_ipc_namespaces' },
  NEWUTS: { name: 'uts', option: 'CONFIG_UTS_NS', limit: 'user.max_uts_namespaces' },
  NEWUSER: { name: 'user', option: 'CONFIG_USER_NS', limit: 'user.max_user_namespaces' },
  NEWCGROUP: { name: 'cgroup', option: 'CONFIG_CGROUPS', limit: 'user.max_cgroup_namespaces' },
  NEWTIME: { name: 'time', option: 'CONFIG_TIME_NS', limit: 'user.max_time_namespaces' },
} as const satisfies Record<NamespaceKind, unknown>;

/** CAP_SYS_ADMIN, see capabilities(7). */
const CAP_SYS_ADMIN = 21n;

const { ok, limited, missing } = findingsOf('namespaces');

/** Every kind of namespace, as an attempt to make one went. */
export function evaluateNamespaces({ namespaces, uid, capabilities }: Facts): readonly Finding[] {
  const privileged = (capabilities >> CAP_SYS_ADMIN) % 2n === 1n;
  return (Object.keys(KINDS) as NamespaceKind[]).map((kind) => evaluateKind(kind, namespaces[kind], uid, privileged));
}

function evaluateKind(
  kind: NamespaceKind,
  { present, limit, attempt }: NamespaceFact,
  uid: number,
  privileged: boolean,
): Finding {
  const { name, option, limit: sysctl } = KINDS[kind];
  if (!present) return missing(name, `the kernel has no ${name} namespaces`, `use a kernel with ${option ?? name}`);
  if (attempt === 'ok') {
    if (limit !== undefined && limit < 64)
      return limited(name, `${sysctl} allows ${limit} for each user`, `sysctl -w ${sysctl}=1024`);
    const within = privileged || kind === 'NEWUSER' ? 'can be made' : 'can be made within a user namespace';
    return ok(name, limit === undefined ? within : `${within}, ${limit} for each user`);
  }
  if (limit === 0 || attempt.errno === 'ENOSPC')
    return missing(name, `${sysctl} allows ${limit ?? 'no more'} for each user`, `sysctl -w ${sysctl}=1024`);
  if (attempt.errno === 'EPERM' && kind !== 'NEWUSER')
    return missing(
      name,
      privileged
        ? 'EPERM: a security module or a seccomp filter forbids it'
        : `EPERM: making one needs CAP_SYS_ADMIN, which user ${uid} lacks here and gets in no user namespace`,
      privileged ? 'allow it where this process was started' : 'see "unprivileged users" below, or run as root',
    );
  return missing(name, attempt.message, kind === 'NEWUSER' ? 'see "unprivileged users" below' : undefined);
}

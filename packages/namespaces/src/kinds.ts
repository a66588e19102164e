import type { ConstantName } from '@nsinit/syscall';

/** What there is to know of one kind of namespace. namespaces(7) */
export interface NamespaceKindInfo {
  /** The flag of clone(2), unshare(2) and setns(2). */
  readonly flag: ConstantName<'clone'>;
  /** The name under /proc/PID/ns. */
  readonly file: string;
}

/** Every kind of namespace, by the name that configurations use. */
export const namespaceKinds = {
  NEWUSER: { flag: 'CLONE_NEWUSER', file: 'user' },
  NEWCGROUP: { flag: 'CLONE_NEWCGROUP', file: 'cgroup' },
  NEWIPC: { flag: 'CLONE_NEWIPC', file: 'ipc' },
  NEWUTS: { flag: 'CLONE_NEWUTS', file: 'uts' },
  NEWNET: { flag: 'CLONE_NEWNET', file: 'net' },
  NEWPID: { flag: 'CLONE_NEWPID', file: 'pid' },
  NEWTIME: { flag: 'CLONE_NEWTIME', file: 'time' },
  NEWNS: { flag: 'CLONE_NEWNS', file: 'mnt' },
} as const satisfies Record<string, NamespaceKindInfo>;

/** A kind of namespace. */
export type NamespaceKind = keyof typeof namespaceKinds;

/** All kinds, in the order in which a process can join them: those that a user namespace may own come after it. */
export const joinOrder = Object.keys(namespaceKinds) as readonly NamespaceKind[];

/** The path of a process's namespace: `/proc/1234/ns/net`. */
export function namespacePath(pid: number | 'self' | 'thread-self', kind: NamespaceKind): string {
  return `/proc/${pid}/ns/${namespaceKinds[kind].file}`;
}

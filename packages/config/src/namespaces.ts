/**
 * The `CLONE_*` flag of each namespace kind, by the name that container.json uses (linux/sched.h).
 * NEWCGROUP needs kernel 4.6 and NEWTIME 5.6.
 */
export const NAMESPACE_FLAGS = {
  NEWNET: 0x4000_0000,
  NEWPID: 0x2000_0000,
  NEWNS: 0x0002_0000,
  NEWUTS: 0x0400_0000,
  NEWIPC: 0x0800_0000,
  NEWUSER: 0x1000_0000,
  NEWCGROUP: 0x0200_0000,
  NEWTIME: 0x0000_0080,
} as const;

/** A kind of namespace, see namespaces(7). */
export type NamespaceType = keyof typeof NAMESPACE_FLAGS;

/** All kinds, in the order in which a process joins them by path: the historical six first. */
export const NAMESPACE_TYPES: readonly NamespaceType[] = Object.keys(NAMESPACE_FLAGS) as NamespaceType[];

/** A namespace of the container. */
export interface Namespace {
  readonly type: NamespaceType;
  /** File of an existing namespace to join (`/proc/<pid>/ns/net`); undefined: a new one. */
  readonly path?: string;
}

const PROC_NAMES: Readonly<Record<NamespaceType, string>> = {
  NEWNET: 'net',
  NEWPID: 'pid',
  NEWNS: 'mnt',
  NEWUTS: 'uts',
  NEWIPC: 'ipc',
  NEWUSER: 'user',
  NEWCGROUP: 'cgroup',
  NEWTIME: 'time',
};

type Namespaces = readonly Namespace[] | undefined;

/** The entry of that kind, or undefined. */
export function findNamespace(namespaces: Namespaces, type: NamespaceType): Namespace | undefined {
  return namespaces?.find((namespace) => namespace.type === type);
}

/** True when the container has a namespace of that kind, new or joined. */
export function containsNamespace(namespaces: Namespaces, type: NamespaceType): boolean {
  return findNamespace(namespaces, type) !== undefined;
}

/** The list with that namespace: a kind that is present gets the new path, another one is appended. */
export function addNamespace(namespaces: Namespaces, type: NamespaceType, path?: string): readonly Namespace[] {
  const added: Namespace = path === undefined ? { type } : { type, path };
  if (!containsNamespace(namespaces, type)) return [...(namespaces ?? []), added];
  return namespaces!.map((namespace) => (namespace.type === type ? added : namespace));
}

/** The list without that kind. */
export function removeNamespace(namespaces: Namespaces, type: NamespaceType): readonly Namespace[] {
  return (namespaces ?? []).filter((namespace) => namespace.type !== type);
}

/** The `CLONE_*` flags of the new namespaces; joined ones (with a path) do not count. */
export function cloneFlags(namespaces: Namespaces): number {
  return (namespaces ?? []).reduce((flags, { type, path }) => (path ? flags : flags | NAMESPACE_FLAGS[type]), 0);
}

/** The file that names the namespace: its own path, or that of process `pid`. */
export function namespacePath(namespace: Namespace, pid: number): string {
  return namespace.path || `/proc/${pid}/ns/${PROC_NAMES[namespace.type]}`;
}

import type { MountinfoEntry } from '../mountinfo/index.ts';

/** One hierarchy of control groups that this host has mounted. cgroups(7) */
export interface CgroupHierarchy {
  readonly version: 1 | 2;
  /** Controllers of version 1, in the kernel's order; none for a named hierarchy without any, and for version 2. */
  readonly controllers: readonly string[];
  /** Name of a hierarchy of version 1: `systemd`; undefined: it has none. */
  readonly name: string | undefined;
}

/** Options of a mount of version 1 that are neither controllers nor a name. */
const otherOptions: ReadonlySet<string> = new Set([
  'rw',
  'ro',
  'none',
  'all',
  'xattr',
  'noprefix',
  'clone_children',
  'cpuset_v2_mode',
  'favordynmods',
  'nofavordynmods',
  'seclabel',
]);

/** The hierarchies of control groups among these mounts, each once, version 2 last. */
export function cgroupHierarchies(mounts: readonly MountinfoEntry[]): readonly CgroupHierarchy[] {
  const found = new Map<string, CgroupHierarchy>();
  for (const { fsType, superOptions } of mounts) {
    if (fsType !== 'cgroup') continue;
    const controllers = superOptions.filter((option) => !option.includes('=') && !otherOptions.has(option));
    const name = superOptions.find((option) => option.startsWith('name='))?.slice('name='.length);
    const key = [...controllers, name].join();
    if (!found.has(key) && (controllers.length > 0 || name)) found.set(key, { version: 1, controllers, name });
  }
  const unified = mounts.some(({ fsType }) => fsType === 'cgroup2');
  return [...found.values(), ...(unified ? [{ version: 2, controllers: [], name: undefined } as const] : [])];
}

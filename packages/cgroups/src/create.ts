import { CgroupfsManager } from './cgroupfs/manager.ts';
import { detectLayout } from './layout/layout.ts';
import type { Manager } from './manager.ts';
import type { GroupOptions } from './options.ts';
import type { SystemdOptions } from './systemd/manager.ts';
import { isSystemdRunning } from './systemd/running.ts';

/** Who keeps groups: the files alone, or systemd. */
export type CgroupDriver = Manager['driver'];

/** Which group, and who keeps it. */
export interface ManagerOptions extends GroupOptions {
  /**
   * `cgroupfs`: the files alone. `systemd`: a transient scope. `auto`: systemd where it runs and cgroup v2 is all
   * there is, for then it regards the whole tree as its own. Default cgroupfs.
   */
  readonly driver?: CgroupDriver | 'auto';
  /** What only the systemd driver needs. */
  readonly systemd?: SystemdOptions;
}

/**
 * Makes a manager for a group; the group itself is made by `prepare` or `apply`.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID for a name that cannot be one.
 *
 * @example
 * const manager = await createManager({ path: '/demo', resources: { memory: 64 << 20, pidsLimit: 100 } });
 * await manager.apply(child.pid);
 */
export async function createManager(options: ManagerOptions): Promise<Manager> {
  const { driver = 'cgroupfs', systemd, ...group } = options;
  if (driver === 'cgroupfs') return new CgroupfsManager(group);
  const { SystemdManager } = await import('./systemd/manager.ts');
  if (driver === 'systemd') return new SystemdManager(group, systemd);
  const layout = options.layout ?? detectLayout();
  const own = layout.kind === 'v2' && isSystemdRunning() && group.name !== undefined;
  return own ? new SystemdManager({ ...group, layout }, systemd) : new CgroupfsManager({ ...group, layout });
}

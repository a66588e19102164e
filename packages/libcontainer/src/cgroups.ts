import type { Manager, ManagerOptions, Placement, PlannedGroupStep, Resources } from '@nsinit/cgroups';
import type { CgroupDriver, Config, State } from '@nsinit/config';
import { duplicate, type Fd } from '@nsinit/syscall';
import { asContainerError } from './errors.ts';
import { initFiles } from './program/init.ts';
import { isHostsUser } from './rootless/privileges.ts';

/** Where a process is put as it is started. */
export interface CgroupPlace {
  /** It is born in a cgroup of version 2. */
  readonly born: boolean;
  /** It waits until it has been put where it belongs. */
  readonly applied: boolean;
}

/** Without cgroups. */
export const noCgroup: CgroupPlace = { born: false, applied: false };

/** What of a configuration's cgroup section are limits and rules, rather than the group's name. */
export function resourcesOf(config: Config): Resources {
  const { name: _name, parent: _parent, slice: _slice, ...resources } = config.cgroups ?? {};
  return resources;
}

/**
 * The manager of a container's control group; undefined when its configuration has none.
 *
 * @param state says who keeps the group, and where it is when it was made already: without paths it is new.
 * @throws {ContainerError} SystemError, when the host's groups cannot be understood.
 */
export async function cgroupManager(
  state: Pick<State, 'config' | 'cgroupDriver' | 'cgroupPaths'>,
): Promise<Manager | undefined> {
  const { config, cgroupDriver = 'cgroupfs', cgroupPaths: paths } = state;
  const { cgroups } = config;
  if (!cgroups) return undefined;
  // Loaded only where used: a container without a group does not pay for it.
  const library = await import('@nsinit/cgroups');
  const systemd = (): ManagerOptions['systemd'] => ({
    slice: cgroups.slice,
    properties: library.annotationProperties(config.annotations ?? {}),
  });
  try {
    return await library.createManager({
      driver: cgroupDriver,
      rootless: isHostsUser(),
      ...(cgroups.name === undefined ? {} : { name: cgroups.name }),
      ...(cgroups.parent === undefined ? {} : { parent: cgroups.parent }),
      ...(Object.keys(paths).length === 0 ? {} : { paths }),
      ...(cgroupDriver === 'systemd' ? { systemd: systemd() } : {}),
      resources: resourcesOf(config),
    });
  } catch (error) {
    throw asContainerError(error, 'cgroups', { field: 'cgroups' });
  }
}

/**
 * What a start would do about the control group, from outside. Nothing is done; without a section there is nothing to do.
 *
 * @throws {ContainerError} SystemError for limits that cannot be meant on this host.
 */
export async function planCgroup(
  config: Config,
  driver: CgroupDriver = 'cgroupfs',
): Promise<readonly PlannedGroupStep[]> {
  if (!config.cgroups) return [];
  const { planGroup } = await import('@nsinit/cgroups');
  const { name, parent, slice } = config.cgroups;
  return await inCgroup('plan the cgroup', () => {
    const place = { ...(name ? { name } : {}), ...(parent ? { parent } : {}), ...(slice ? { slice } : {}) };
    const prefixed = planGroup({ ...place, resources: resourcesOf(config) }, driver);
    return prefixed.map(({ field, ...step }) => ({ ...step, field: field ? `cgroups.${field}` : 'cgroups' }));
  });
}

/** How a group's placement is to be planned for. */
export function placeOf(placement: Placement | undefined): CgroupPlace {
  return placement ? { born: placement.directory !== undefined, applied: placement.mustApply } : noCgroup;
}

/** The group's directory for a launch whose process is born in it. */
export function cgroupFile(directory: Fd | undefined): Readonly<Record<string, () => Fd>> {
  return directory ? { [initFiles.cgroup.name]: () => duplicate(directory) } : {};
}

/** Removes a container's group, unless somebody else's processes are in it: several containers may share one. */
export async function removeCgroup(manager: Manager | undefined): Promise<void> {
  if (manager && isThere(manager) && manager.pids({ recursive: true }).length === 0)
    await inCgroup('remove the cgroup', () => manager.destroy());
}

/** A scope's directory goes with its last process, but systemd keeps one that failed until it is told to forget it. */
function isThere(manager: Manager): boolean {
  return manager.driver === 'systemd' ? Object.keys(manager.paths()).length > 0 : manager.exists();
}

/**
 * Does something with a group.
 *
 * @throws {ContainerError} SystemError, naming the step.
 */
export async function inCgroup<T>(step: string, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw asContainerError(error, 'cgroups', { step, field: 'cgroups' });
  }
}

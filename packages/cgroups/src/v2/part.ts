import type { Controller } from '../controller.ts';
import { attachDevicePolicy } from '../devices/attach.ts';
import { type DevicePolicy, devicePolicy, deviceRules } from '../devices/policy.ts';
import { deviceField } from '../devices/v1.ts';
import { CgroupError } from '../error.ts';
import { Group } from '../fs/group.ts';
import { makeGroups } from '../fs/tree.ts';
import { applyWrites } from '../fs/write.ts';
import type { Hierarchy } from '../layout/layout.ts';
import type { Part } from '../part.ts';
import type { Resources } from '../resources.ts';
import { v2Controllers } from './controllers.ts';
import { readPressure } from './pressure.ts';
import { enableControllers } from './subtree.ts';
import { unifiedWrites } from './unified.ts';

/** Where a group is in cgroup v2. */
export interface V2Place {
  readonly hierarchy: Hierarchy;
  /** The directory that the components are made in. */
  readonly top: string;
  readonly components: readonly string[];
  /** Controllers that v1 has on this host: they are not looked for here. */
  readonly elsewhere: ReadonlySet<string>;
  /** Whether this is a hybrid host: then only the controllers that are needed are switched on. */
  readonly beside: boolean;
}

/** The group in cgroup v2. */
export function v2Part({ hierarchy, top, components, elsewhere, beside }: V2Place): Part {
  const group = new Group(`${top}/${components.join('/')}`);
  const here = v2Controllers.filter(({ name }) => !elsewhere.has(name === 'io' ? 'blkio' : name));
  const counted = here.filter(({ name }) => name !== 'cpu' || !elsewhere.has('cpuacct'));
  const governsDevices = !elsewhere.has('devices');
  const writes = (resources: Resources, previous: Resources) => [
    ...here.flatMap((controller: Controller) => controller.writes(resources, group, previous)),
    ...unifiedWrites(resources),
  ];
  return {
    hierarchy,
    group,
    governsDevices,
    keys: [''],
    make: (made, needed) => {
      const wanted = here.map(({ name }) => name).filter((name) => !beside || needed.has(name));
      enableAlong(hierarchy.mountPoint, top, wanted, needed);
      makeGroups(top, components, (directory, isLast) => !isLast && enableControllers(directory, wanted, needed), made);
    },
    writes,
    set: (resources, previous) => {
      const undo = applyWrites(group, writes(resources, previous));
      if (!governsDevices) return undo;
      try {
        const undoDevices = setDevices(group.path, resources, previous);
        return () => {
          undoDevices();
          undo();
        };
      } catch (error) {
        undo();
        throw error;
      }
    },
    verify: () => {},
    stats: (into) => {
      for (const controller of counted) controller.stats?.(group, into);
      readPressure(group, into);
    },
  };
}

/** The groups between the mount point and the directory that a group is made in: mostly those of the system. */
function enableAlong(mountPoint: string, top: string, wanted: readonly string[], needed: ReadonlySet<string>): void {
  const components = top.slice(mountPoint.length).split('/').filter(Boolean);
  let directory = mountPoint;
  enableControllers(directory, wanted, needed);
  for (const component of components) {
    directory = `${directory}/${component}`;
    enableControllers(directory, wanted, needed);
  }
}

const unrestricted: DevicePolicy = { allowByDefault: true, exceptions: [] };

function setDevices(path: string, resources: Resources, previous: Resources): () => void {
  const rules = deviceRules(resources);
  if (!rules) return () => {};
  const policy = devicePolicy(rules);
  const before = deviceRules(previous);
  const field = deviceField(resources);
  // A group without a program allows everything that its parents do.
  if (!before && policy.allowByDefault && policy.exceptions.length === 0) return () => {};
  attachDevicePolicy(path, policy, field);
  return () => attachDevicePolicy(path, before ? devicePolicy(before) : unrestricted, field);
}

/** Limits that only v1 has, and what to use in their place. */
const v1Only: Readonly<Partial<Record<keyof Resources, readonly [file: string, hint: string]>>> = {
  memorySwappiness: [
    'memory.swappiness',
    'cgroup v2 has no swappiness of a group: limit memorySwap, or set vm.swappiness',
  ],
  oomKillDisable: [
    'memory.oom_control',
    'cgroup v2 always kills when memory is out: set unified memory.high to slow down before that',
  ],
  kernelMemoryTcp: ['memory.kmem.tcp.limit_in_bytes', 'cgroup v2 counts these buffers as memory: limit memory'],
  cpuRtRuntime: ['cpu.rt_runtime_us', 'cgroup v2 has no real-time groups'],
  cpuRtPeriod: ['cpu.rt_period_us', 'cgroup v2 has no real-time groups'],
  blkioLeafWeight: ['blkio.leaf_weight', 'cgroup v2 has no leaf weight: processes are in leaves only'],
  netClsClassid: ['net_cls.classid', 'cgroup v2 has no net_cls: match the group in nftables (socket cgroupv2)'],
  netPrioIfpriomap: ['net_prio.ifpriomap', 'cgroup v2 has no net_prio: use nftables'],
};

/**
 * Refuses what cgroup v2 cannot do; on a hybrid host only when the v1 controller is not there.
 *
 * @param has - whether a v1 controller is there.
 * @throws {CgroupError} ERR_CGROUP_CONTROLLER
 */
export function refuseV1Only(resources: Resources, isMissing: (field: keyof Resources) => boolean): void {
  for (const [name, [file, hint]] of Object.entries(v1Only)) {
    const field = name as keyof Resources;
    const value = resources[field];
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (!isSet || (field === 'memorySwappiness' && BigInt(value as number) === -1n) || !isMissing(field)) continue;
    throw new CgroupError('ERR_CGROUP_CONTROLLER', `only cgroup v1 has this limit: ${file}`, { field, file, hint });
  }
}

import type { Controller } from '../controller.ts';
import { Group } from '../fs/group.ts';
import { makeGroups } from '../fs/tree.ts';
import { applyWrites } from '../fs/write.ts';
import type { Hierarchy } from '../layout/layout.ts';
import type { Part } from '../part.ts';
import type { Resources } from '../resources.ts';
import { v1Controllers } from './controllers.ts';
import { inheritCpuset } from './cpuset.ts';

/** Where a group is in one hierarchy of v1. */
export interface V1Place {
  readonly hierarchy: Hierarchy;
  /** The directory that the components are made in. */
  readonly top: string;
  readonly components: readonly string[];
}

/** The group in one hierarchy of v1. */
export function v1Part({ hierarchy, top, components }: V1Place): Part {
  const group = new Group(`${top}/${components.join('/')}`);
  const controllers = v1Controllers.filter(({ name }) => hierarchy.controllers.includes(name));
  const isCpuset = hierarchy.controllers.includes('cpuset');
  const writes = (resources: Resources, previous: Resources) =>
    controllers.flatMap((controller: Controller) => controller.writes(resources, group, previous));
  return {
    hierarchy,
    group,
    governsDevices: false,
    keys: hierarchy.controllers,
    make: (made) => {
      makeGroups(top, components, (directory) => isCpuset && inheritCpuset(directory, hierarchy.mountPoint), made);
    },
    writes,
    set: (resources, previous) => applyWrites(group, writes(resources, previous)),
    verify: (resources) => {
      for (const controller of controllers) controller.verify?.(resources, group);
    },
    stats: (into) => {
      for (const controller of controllers) controller.stats?.(group, into);
    },
  };
}

import { CgroupError } from '../error.ts';
import { detectLayout, type Hierarchy, type Layout, ownMemberships } from '../layout/layout.ts';
import { parentOf, pathComponents } from '../layout/path.ts';
import type { GroupOptions } from '../options.ts';
import type { Part } from '../part.ts';
import { v1Controllers } from '../v1/controllers.ts';
import { v1Part } from '../v1/part.ts';
import { v2Part } from '../v2/part.ts';

/**
 * The group in each hierarchy of the host, those of v1 in the order of their controllers, cgroup v2 last.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID for a path that cannot be one.
 */
export function partsOf(options: GroupOptions): { readonly layout: Layout; readonly parts: readonly Part[] } {
  const layout = options.layout ?? detectLayout();
  const name = options.path === undefined ? options : { parent: options.path };
  const place = options.paths ? adopted(options.paths) : planned(options, name);
  const elsewhere = new Set(layout.v1.flatMap(({ controllers }) => controllers));
  const parts: Part[] = [];
  for (const hierarchy of layout.v1.toSorted((a, b) => rank(a) - rank(b))) {
    const at = place(hierarchy);
    if (at) parts.push(v1Part({ hierarchy, ...at }));
  }
  const at = layout.v2 && place(layout.v2);
  if (layout.v2 && at) parts.push(v2Part({ hierarchy: layout.v2, ...at, elsewhere, beside: layout.v1.length > 0 }));
  return { layout, parts };
}

interface Place {
  readonly top: string;
  readonly components: readonly string[];
}

function planned(options: GroupOptions, name: GroupOptions): (hierarchy: Hierarchy) => Place {
  const components = pathComponents(name);
  const memberships = options.memberships ?? ownMemberships();
  return (hierarchy) => ({ top: parentOf(hierarchy, memberships, name), components });
}

function adopted(paths: Readonly<Record<string, string>>): (hierarchy: Hierarchy) => Place | undefined {
  return (hierarchy) => {
    const keys = hierarchy.version === 2 ? [''] : hierarchy.controllers;
    const path = keys.map((key) => paths[key]).find((found) => found !== undefined);
    if (path === undefined) return undefined;
    if (!path.startsWith(`${hierarchy.mountPoint}/`) || path.split('/').includes('..'))
      throw new CgroupError('ERR_CGROUP_INVALID', `${path} is not below ${hierarchy.mountPoint}`, {
        path,
        field: `paths["${keys[0] ?? ''}"]`,
        hint: 'give the paths as they were saved',
      });
    const components = path.slice(hierarchy.mountPoint.length + 1).split('/');
    return { top: hierarchy.mountPoint, components: components.filter(Boolean) };
  };
}

/** Unknown controllers and named hierarchies go last. */
function rank({ controllers }: Hierarchy): number {
  const ranks = controllers.map((name) => v1Controllers.findIndex((controller) => controller.name === name));
  return Math.min(...ranks.map((index) => (index < 0 ? v1Controllers.length : index)));
}

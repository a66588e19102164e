import type { Manager } from '@nsinit/cgroups';

/**
 * Where the first process belongs in each hierarchy, as criu is told of it: as a path in the hierarchy, which differs from
 * that of the checkpoint when the container has another id.
 */
export async function cgroupRoots(
  manager: Manager,
): Promise<readonly { readonly controller: string; readonly path: string }[]> {
  const { detectLayout } = await import('@nsinit/cgroups');
  const { v1, v2 } = detectLayout();
  const hierarchies = [...v1, ...(v2 ? [v2] : [])];
  return Object.entries(manager.paths()).flatMap(([controller, directory]) => {
    const hierarchy = hierarchies.find(
      ({ version, controllers, mountPoint }) =>
        directory.startsWith(`${mountPoint}/`) &&
        (controller === '' ? version === 2 : version === 1 && controllers.includes(controller)),
    );
    if (!hierarchy) return [];
    const root = hierarchy.root === '/' ? '' : hierarchy.root;
    return [{ controller, path: `${root}${directory.slice(hierarchy.mountPoint.length)}` }];
  });
}

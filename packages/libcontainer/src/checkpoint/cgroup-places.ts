import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manager } from '@nsinit/cgroups';
import { type Config, containsNamespace } from '@nsinit/config';
import { ContainerError } from '../errors.ts';
import { processesOf } from '../processes.ts';

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

/**
 * Whether all processes of a container are in its one group, and it has no view of control groups of its own. The group is
 * ours then from its limits to its end, and criu, which looks at every hierarchy, and mounts it for that, has nothing to
 * tell: it is spared that while the container stands still, and once more at the restore.
 */
export function isInOneGroup(manager: Manager | undefined, config: Config, init: number): boolean {
  if (!manager?.exists() || containsNamespace(config.namespaces, 'NEWCGROUP')) return false;
  if (config.mounts?.some(({ device }) => device === 'cgroup') || !manager.pids().includes(init)) return false;
  const places = processesOf(init).map((pid) => cgroupsOf(pid));
  return places.every((place) => place === undefined || place === places[0]);
}

/** undefined for a process that has ended in the meantime. cgroups(7) */
function cgroupsOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/**
 * What criu's mode `strict` asks for, where the container's group itself is made before criu is started: none below it.
 *
 * @throws {ContainerError} SystemError, naming the first that is there.
 */
export function checkNoneBelow(manager: Manager): void {
  for (const directory of Object.values(manager.paths())) {
    const below = readdirSync(directory, { withFileTypes: true }).find((entry) => entry.isDirectory());
    if (below === undefined) continue;
    const path = join(directory, below.name);
    throw new ContainerError('SystemError', `manageCgroupsMode strict: the cgroup ${path} exists already`, {
      step: 'restore',
      path,
      hint: "remove it, or set manageCgroupsMode to 'full'",
    });
  }
}

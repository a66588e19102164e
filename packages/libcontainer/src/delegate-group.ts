import type { Manager, Placement } from '@nsinit/cgroups';
import { type Config, findNamespace, hostGid, hostUid } from '@nsinit/config';
import { ContainerError } from './errors.ts';

/**
 * Gives a group of cgroup v2 to the root of the container, where the configuration promises that it can make groups of
 * its own: it has user and cgroup namespaces of its own, and a mount of control groups that can be written. The limits
 * stay with us. cgroups(7), "Cgroup delegation"
 */
export async function delegateToRoot(manager: Manager, config: Config): Promise<void> {
  const path = manager.paths()[''];
  const own = (['NEWUSER', 'NEWCGROUP'] as const).map((type) => findNamespace(config.namespaces, type));
  const isPromised = writableMount(config) >= 0 && own.every((namespace) => namespace && !namespace.path);
  if (path === undefined || !isPromised) return;
  const owner = { uid: hostUid(config), gid: hostGid(config) };
  if (owner.uid === process.geteuid?.() && owner.gid === process.getegid?.()) return;
  const { delegateGroup } = await import('@nsinit/cgroups');
  delegateGroup(path, owner);
}

/**
 * Refuses a writable mount of control groups for a container that stays in the group of its starter: that group, with all
 * else that is in it, is not the container's to change.
 *
 * @throws {ContainerError} ConfigInvalid, naming the mount.
 */
export function refuseForeignGroup(config: Config, placement: Placement): void {
  const index = writableMount(config);
  if (index < 0 || placement.directory || placement.mustApply) return;
  const field = `mounts[${index}]`;
  throw new ContainerError(
    'ConfigInvalid',
    `${field}: this user has no right to make the container a group of its own`,
    {
      field,
      hint: 'leave out the data rw, or start from a session with delegated control groups',
    },
  );
}

const writableMount = ({ mounts = [] }: Config): number =>
  mounts.findIndex(({ device, data }) => device === 'cgroup' && data === 'rw');

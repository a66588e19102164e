import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { type Config, findNamespace, MOUNT_FLAGS, type Mount, mapToHost } from '@nsinit/config';
import { namespacePath } from '@nsinit/namespaces';
import { isHostsUser, ownMap, parseIdMap, processOf } from './privileges.ts';

/** File systems that belong to a namespace: only who makes the namespace can mount them in a user namespace. */
const owners = {
  sysfs: { namespace: 'NEWNET', host: '/sys' },
  mqueue: { namespace: 'NEWIPC', host: '/dev/mqueue' },
  proc: { namespace: 'NEWPID', host: '/proc' },
} as const;

/**
 * What a configuration comes to in a user namespace of its own, where some mounts cannot be made as they stand: a file
 * system of a namespace that the container shares is bound from the host, with everything below it as read-only as the mount
 * is to be; a devpts gives its terminals to group 0 where the group that it names is not mapped.
 */
export function fitUserNamespace(config: Config): Config {
  const user = findNamespace(config.namespaces, 'NEWUSER');
  if (!user) return isHostsUser() ? fitOwn(config) : config;
  const readonlyPaths: string[] = [];
  const mounts = config.mounts?.map((mount): Mount => {
    if (mount.device === 'devpts') return withMappedGroup(mount, user.path ? mapsOf(user.path) : config);
    const owner = owners[mount.device as keyof typeof owners];
    if (!owner || isFresh(config, owner.namespace)) return mount;
    // What the host has not mounted itself is an empty directory.
    if (!existsSync(owner.host)) return { ...mount, device: 'tmpfs', data: 'mode=555,size=4k' };
    if (mount.flags & MOUNT_FLAGS.MS_RDONLY) readonlyPaths.push(mount.destination);
    return boundFrom(owner.host, mount);
  });
  if (!mounts) return config;
  return { ...config, mounts, readonlyPaths: [...(config.readonlyPaths ?? []), ...readonlyPaths] };
}

/** Without one of its own it is in the one of this process, which may map few groups. */
function fitOwn(config: Config): Config {
  const gidMappings = ownMap('gid');
  return {
    ...config,
    mounts: config.mounts?.map((mount) =>
      mount.device === 'devpts' ? withMappedGroup(mount, { gidMappings }) : mount,
    ),
  } as Config;
}

function isFresh(config: Config, type: 'NEWNET' | 'NEWIPC' | 'NEWPID'): boolean {
  const namespace = findNamespace(config.namespaces, type);
  if (!namespace?.path) return namespace !== undefined;
  const user = findNamespace(config.namespaces, 'NEWUSER')?.path;
  return user !== undefined && belongsTo(user, namespace.path, type);
}

/** Whether a joined namespace is that of the process whose user namespace is joined, and not ours too. */
function belongsTo(user: string, path: string, type: 'NEWNET' | 'NEWIPC' | 'NEWPID'): boolean {
  const pid = processOf(path);
  if (pid === undefined || pid !== processOf(user)) return false;
  return readlinkSync(path) !== readlinkSync(namespacePath('self', type));
}

/** The groups of a joined user namespace, as far as its path tells of a process; nothing else is known then. */
function mapsOf(path: string): Pick<Config, 'gidMappings'> | undefined {
  const pid = processOf(path);
  return pid === undefined ? undefined : { gidMappings: parseIdMap(readFileSync(`/proc/${pid}/gid_map`, 'utf8')) };
}

/** In a mount namespace of another user what is mounted below cannot be taken off: it comes along. */
function boundFrom(source: string, { destination, flags }: Mount): Mount {
  return { source, destination, device: 'bind', flags: flags | MOUNT_FLAGS.MS_BIND | MOUNT_FLAGS.MS_REC };
}

function withMappedGroup(mount: Mount, maps: Pick<Config, 'gidMappings'> | undefined): Mount {
  if (!maps) return mount;
  const { gidMappings = [] } = maps;
  const data = (mount.data ?? '').split(',').filter((option) => {
    const gid = /^gid=(\d+)$/.exec(option)?.[1];
    return gid === undefined || mapToHost(gidMappings, Number(gid)) !== undefined;
  });
  return { ...mount, data: data.join(',') };
}

import { existsSync } from 'node:fs';
import { type Config, findNamespace, MOUNT_FLAGS, type Mount, mapToHost } from '@nsinit/config';
import { isHostsUser, ownMap } from './privileges.ts';

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
    if (mount.device === 'devpts') return user.path ? mount : withMappedGroup(mount, config);
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
  return namespace !== undefined && !namespace.path;
}

/** In a mount namespace of another user what is mounted below cannot be taken off: it comes along. */
function boundFrom(source: string, { destination, flags }: Mount): Mount {
  return { source, destination, device: 'bind', flags: flags | MOUNT_FLAGS.MS_BIND | MOUNT_FLAGS.MS_REC };
}

function withMappedGroup(mount: Mount, { gidMappings = [] }: Pick<Config, 'gidMappings'>): Mount {
  const data = (mount.data ?? '').split(',').filter((option) => {
    const gid = /^gid=(\d+)$/.exec(option)?.[1];
    return gid === undefined || mapToHost(gidMappings, Number(gid)) !== undefined;
  });
  return { ...mount, data: data.join(',') };
}

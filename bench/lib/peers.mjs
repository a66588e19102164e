/** runc and crun, given what nsinit's template asks for. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mountFlagNames, template } from '@nsinit/config';

export const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'];

/** The ids of the host that a user namespace of root's is given. */
export const FIRST_ID = 2_300_000;
export const IDS = 65_536;

const NAMESPACES = { NEWNS: 'mount', NEWUTS: 'uts', NEWIPC: 'ipc', NEWPID: 'pid', NEWNET: 'network' };

const flagOption = (name) => (name === 'MS_RDONLY' ? 'ro' : name.slice('MS_'.length).toLowerCase());

const ociMount = ({ source, destination, device, flags, data }) => ({
  destination,
  type: device,
  source,
  options: [...mountFlagNames(flags).map(flagOption), ...(data?.split(',') ?? [])],
});

const ociDevice = ({ path, type, major, minor, fileMode }) => ({ path, type, major, minor, fileMode, uid: 0, gid: 0 });

const ociMap = ({ containerId, hostId, size }) => ({ containerID: containerId, hostID: hostId, size });

/**
 * What a user namespace with these maps, for both kinds of ids, changes: a group that is not mapped can be given no
 * terminals.
 */
function inUserNamespace(config, maps) {
  const isMapped = (option) => {
    const gid = /^gid=(\d+)$/.exec(option)?.[1];
    return gid === undefined || maps.some(({ containerId, size }) => gid >= containerId && gid < containerId + size);
  };
  for (const mount of config.mounts) mount.options = mount.options.filter(isMapped);
  config.linux.namespaces.push({ type: 'user' });
  config.linux.uidMappings = maps.map(ociMap);
  config.linux.gidMappings = maps.map(ociMap);
  return config;
}

/** The template as an OCI configuration, without its control group: no limit, no device rule. */
function ociConfig(rootfs, args) {
  const config = template({ rootfs });
  const { capabilities } = config;
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args,
      env: ENVIRONMENT,
      cwd: '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    root: { path: rootfs },
    hostname: config.hostname,
    mounts: config.mounts.map(ociMount),
    linux: {
      namespaces: config.namespaces.map(({ type }) => ({ type: NAMESPACES[type] })),
      devices: config.devices.map(ociDevice),
      maskedPaths: config.maskPaths,
      readonlyPaths: config.readonlyPaths,
      // Without a rule the runtimes write a list of their own, which forbids devices of the configuration.
      resources: { devices: [{ allow: true, access: 'rwm' }] },
    },
  };
}

/**
 * Writes an OCI bundle into `dir` and returns it; with maps it has a user namespace. Of an ordinary user's the devices are left
 * to the runtime, which makes those that it must: crun fails for a user whose configuration names any.
 */
export function writeBundle(dir, rootfs, args, { maps, ordinary } = {}) {
  mkdirSync(dir, { recursive: true });
  const config = ociConfig(rootfs, args);
  if (ordinary) delete config.linux.devices;
  writeFileSync(join(dir, 'config.json'), JSON.stringify(maps ? inUserNamespace(config, maps) : config, undefined, 2));
  return dir;
}

/**
 * Words that start the program where crun agrees to work. On a host with version 1 control groups and the version 2
 * hierarchy beside them it refuses; so the latter is taken away, in a mount namespace of crun's own.
 */
export function withoutUnifiedHierarchy(command) {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');
  const types = lines.map((line) => line.slice(line.indexOf(' - ') + 3).split(' ')[0]);
  const unified = lines[types.indexOf('cgroup2')]?.split(' ')[4];
  if (!types.includes('cgroup') || unified === undefined) return command;
  const script = 'umount "$1" && shift && exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', unified, ...command];
}

/**
 * Words that start the program with cgroup v2 alone in /sys/fs/cgroup, whatever the host has there, in a mount namespace of
 * its own: crun needs it also where it makes no group, and an ordinary user cannot take away what is mounted.
 */
export function withUnifiedHierarchyAlone(command) {
  const script = 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"';
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...command];
}

/** The words of each runtime's commands; every container gets a name of its own through `%`. */
export function runtime(name, stateDir, options = []) {
  const program = [name, '--root', stateDir, ...options];
  return {
    name: [name, ...options].join(' '),
    run: (bundle) => [...program, 'run', '--bundle', bundle, 'bench-%'],
    detached: (bundle, id) => [...program, 'run', '--detach', '--bundle', bundle, id],
    exec: (id, args) => [...program, 'exec', id, ...args],
    delete: (id) => [...program, 'delete', '--force', id],
  };
}

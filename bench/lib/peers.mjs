/** runc and crun, given what nsinit's template asks for. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mountFlagNames, template } from '@nsinit/config';

export const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'];

const NAMESPACES = { NEWNS: 'mount', NEWUTS: 'uts', NEWIPC: 'ipc', NEWPID: 'pid', NEWNET: 'network' };

const flagOption = (name) => (name === 'MS_RDONLY' ? 'ro' : name.slice('MS_'.length).toLowerCase());

const ociMount = ({ source, destination, device, flags, data }) => ({
  destination,
  type: device,
  source,
  options: [...mountFlagNames(flags).map(flagOption), ...(data?.split(',') ?? [])],
});

const ociDevice = ({ path, type, major, minor, fileMode }) => ({ path, type, major, minor, fileMode, uid: 0, gid: 0 });

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

/** Writes an OCI bundle into `dir` and returns it. */
export function writeBundle(dir, rootfs, args) {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'config.json'), JSON.stringify(ociConfig(rootfs, args), undefined, 2));
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

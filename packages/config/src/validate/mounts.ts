import { posix } from 'node:path';
import { suggest } from '../codec/suggest.ts';
import type { Config } from '../config.ts';
import { MOUNT_DEVICES, type Mount } from '../mount.ts';
import { MOUNT_FLAGS } from '../mount-flags.ts';
import type { Checker } from './checker.ts';
import { checkEnvironment } from './environment.ts';
import { checkIdMaps } from './id-maps.ts';

/** Mounts go to places where they may, and say what they need to be made. */
export function checkMounts(config: Config, checker: Checker): void {
  config.mounts?.forEach((mount, index) => {
    checkMount(mount, `mounts[${index}]`, checker);
    if (mount.device === 'cgroup') checkCgroupMount(mount, config, `mounts[${index}]`, checker);
  });
  for (const [key, paths] of [
    ['mask_paths', config.maskPaths],
    ['readonly_paths', config.readonlyPaths],
  ] as const) {
    paths?.forEach((path, index) => {
      checker.absolute(`${key}[${index}]`, 'the path', path);
    });
  }
}

function checkMount(mount: Mount, place: string, checker: Checker): void {
  const { source, destination, device, flags, relabel, uidMappings, gidMappings } = mount;
  if (!(MOUNT_DEVICES as readonly string[]).includes(device)) {
    const message = `unknown mount device ${JSON.stringify(device)} to ${JSON.stringify(destination)}`;
    checker.add(`${place}.device`, message, suggest(device, MOUNT_DEVICES));
  }
  if (checker.absolute(`${place}.destination`, 'destination', destination)) {
    checkDestination(destination, device, `${place}.destination`, checker);
  }
  if (device === 'bind') checker.absolute(`${place}.source`, 'the source of a bind mount', source);
  checker.range(`${place}.flags`, 'flags', flags, 0, 0xffff_ffff);
  if (relabel !== undefined) checker.oneOf(`${place}.relabel`, 'relabel', relabel, ['z', 'Z']);
  for (const [key, commands] of [
    ['premount_cmds', mount.premountCmds],
    ['postmount_cmds', mount.postmountCmds],
  ] as const) {
    commands?.forEach(({ path, env }, index) => {
      if (path === '') checker.add(`${place}.${key}[${index}].path`, 'the path of the command is empty');
      checkEnvironment(env, `${place}.${key}[${index}].env`, checker);
    });
  }
  if ((uidMappings === undefined) !== (gidMappings === undefined)) {
    checker.add(place, 'uid_mappings and gid_mappings of a mount are given both or not at all');
  }
  if (mount.idmap !== undefined && device !== 'bind') {
    checker.add(place, `only bind mounts can be id-mapped, and this one is ${device}`);
  }
  if (uidMappings !== undefined) checkIdMaps(uidMappings, `${place}.uid_mappings`, checker);
  if (gidMappings !== undefined) checkIdMaps(gidMappings, `${place}.gid_mappings`, checker);
}

/** It shows the groups that the container has. */
function checkCgroupMount({ data, flags }: Mount, { cgroups }: Config, place: string, checker: Checker): void {
  if (cgroups === undefined)
    checker.add(place, 'a cgroup mount needs control groups, and the container has none: give it a cgroups section');
  if (!['', 'ro', 'rw'].includes(data ?? ''))
    checker.add(`${place}.data`, `the data of a cgroup mount is ro or rw, not ${data}`);
  if (data === 'rw' && flags & MOUNT_FLAGS.MS_RDONLY)
    checker.add(`${place}.flags`, 'a cgroup mount cannot be read-only and rw');
}

/** `/` is the root file system itself; in and on /proc only proc goes, on the directory itself. */
function checkDestination(destination: string, device: string, path: string, checker: Checker): void {
  const clean = posix.normalize(destination).replace(/(.)\/$/, '$1');
  if (clean === '/') checker.add(path, 'mounting into / is prohibited');
  if ((clean === '/proc' && device !== 'proc') || clean.startsWith('/proc/')) {
    checker.add(path, `${JSON.stringify(destination)} cannot be mounted because it is located inside "/proc"`);
  }
}

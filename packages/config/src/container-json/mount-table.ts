import { list } from '../codec/collections.ts';
import { defaulted, type Fields, object, optional, required } from '../codec/object.ts';
import { choice, integer, string, text } from '../codec/scalars.ts';
import type { IdMap } from '../id-map.ts';
import type { Command, Mount } from '../mount.ts';

const ID_MAX = 0xffff_ffff;

const idMapFields: Fields<IdMap> = {
  containerId: defaulted(integer({ min: 0, max: ID_MAX }), 0, 'First id inside the container.'),
  hostId: defaulted(integer({ min: 0, max: ID_MAX }), 0, 'First id outside.'),
  size: required(integer({ min: 0, max: ID_MAX }), 'Number of ids, at least 1.'),
};

/** `{container_id, host_id, size}` */
export const idMap = object('IdMap', idMapFields);

const commandFields: Fields<Command> = {
  path: required(text, 'Path of the executable on the host.'),
  args: optional(list(string), "Arguments after the program's name."),
  env: optional(list(string), 'Environment as NAME=value.'),
  dir: optional(text, 'Working directory.'),
};

const command = object('Command', commandFields);

const mountFields: Fields<Mount> = {
  source: defaulted(string, '', 'Absolute host path of a bind mount; a free name otherwise.'),
  destination: required(text, 'Absolute path inside the container.'),
  device: required(text, 'proc, sysfs, mqueue, tmpfs, devpts, bind or cgroup.'),
  flags: defaulted(integer({ min: 0, max: 0xffff_ffff }), 0, 'MS_* bits of mount(2).'),
  data: optional(text, 'Options of the file system, separated by commas.'),
  relabel: optional(choice(['z', 'Z']), 'SELinux relabelling of the source: z shared, Z for this container alone.'),
  premountCmds: optional(list(command), 'Programs of the host that run before the mount.'),
  postmountCmds: optional(list(command), 'Programs of the host that run after the mount.'),
  idmap: optional(choice(['idmap', 'ridmap']), 'Id-mapped bind mount: idmap this mount alone, ridmap those below too.'),
  uidMappings: optional(list(idMap), 'User ids of an id-mapped mount.'),
  gidMappings: optional(list(idMap), 'Group ids of an id-mapped mount.'),
};

/** An item of `mounts`. */
export const mount = object('Mount', mountFields, { moved: { type: 'device', options: 'data', writable: 'flags' } });

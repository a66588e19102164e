import { list } from '../codec/collections.ts';
import { type Fields, object, optional, required } from '../codec/object.ts';
import { boolean, choice, integer, string } from '../codec/scalars.ts';
import {
  LANDLOCK_FILE_GROUPS,
  LANDLOCK_FILE_RIGHTS,
  LANDLOCK_LOG_FLAGS,
  LANDLOCK_MODES,
  LANDLOCK_PORT_RIGHTS,
  LANDLOCK_SCOPES,
  type Landlock,
  type LandlockPath,
  type LandlockPort,
} from '../landlock.ts';

const pathFields: Fields<LandlockPath> = {
  paths: required(list(string), 'Absolute paths of the container.'),
  access: required(list(choice([...LANDLOCK_FILE_RIGHTS, ...LANDLOCK_FILE_GROUPS])), 'What may be done there.'),
  optional: optional(boolean, 'Whether a path that does not exist is passed over.'),
};

const portFields: Fields<LandlockPort> = {
  port: required(integer({ min: 0, max: 0xffff }), 'TCP port.'),
  access: required(list(choice(LANDLOCK_PORT_RIGHTS)), 'What may be done with it.'),
};

const landlockFields: Fields<Landlock> = {
  mode: optional(choice(LANDLOCK_MODES), 'What becomes of a part that the kernel cannot enforce; left out: strict.'),
  abi: optional(integer({ min: 1, max: 0x7fff_ffff }), 'Newest version of Landlock that is used.'),
  handledFiles: optional(list(choice(LANDLOCK_FILE_RIGHTS)), 'Rights on files that are handled.'),
  handledPorts: optional(list(choice(LANDLOCK_PORT_RIGHTS)), 'Rights on TCP ports that are handled.'),
  paths: optional(list(object('LandlockPath', pathFields)), 'Files that may be used.'),
  ports: optional(list(object('LandlockPort', portFields)), 'TCP ports that may be used.'),
  scopes: optional(list(choice(LANDLOCK_SCOPES)), 'What cannot be reached outside.'),
  log: optional(list(choice(LANDLOCK_LOG_FLAGS)), 'Changes to the audit log.'),
};

/** `landlock`. */
export const landlock = object('Landlock', landlockFields);

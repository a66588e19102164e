import { list } from '../codec/collections.ts';
import { type Fields, object, optional, required } from '../codec/object.ts';
import { boolean, choice, integer64, string, text } from '../codec/scalars.ts';
import type { ProcessDefaults } from '../config.ts';
import { UINT64_MAX } from '../integers.ts';
import { NAMESPACE_TYPES, type Namespace } from '../namespaces.ts';
import type { Rlimit } from '../rlimit.ts';
import { rlimitType } from './scalars.ts';

const namespaceFields: Fields<Namespace> = {
  type: required(choice(NAMESPACE_TYPES), 'Kind of the namespace.'),
  path: optional(text, 'File of an existing namespace to join; left out: a new one.'),
};

/** An item of `namespaces`. */
export const namespace = object('Namespace', namespaceFields);

const unsigned64 = integer64({ min: 0, max: UINT64_MAX });

const rlimitFields: Fields<Rlimit> = {
  type: required(rlimitType, "Name of the resource, or the kernel's number."),
  hard: required(unsigned64, 'Limit up to which the soft one may be raised; 18446744073709551615: none.'),
  soft: required(unsigned64, 'Limit in force; 18446744073709551615: none.'),
};

/** An item of `rlimits`. */
export const rlimit = object('Rlimit', rlimitFields);

const processFields: Fields<ProcessDefaults> = {
  args: optional(list(string), 'Program and arguments.'),
  env: optional(list(string), 'Environment as NAME=value, taken literally.'),
  user: optional(text, 'user, uid, user:group or uid:gid of the container.'),
  cwd: optional(text, 'Working directory inside the container.'),
  tty: optional(boolean, 'Whether the process gets a terminal.'),
};

/** `process`. */
export const processDefaults = object('Process', processFields, {
  moved: { environment: 'env', working_dir: 'cwd' },
});

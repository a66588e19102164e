import type { FlagTable } from './flag.ts';

/** The id that commands are about when no other is given. */
export const idFlag = {
  id: { type: 'string', value: 'ID', default: 'nsinit', help: 'id of the container: letters, digits and underscores' },
} as const satisfies FlagTable;

/** Where a command takes a configuration from. */
export const configFlag = {
  config: {
    type: 'string',
    value: 'FILE',
    complete: 'file',
    help: 'container.json to use, of any version; by default the one found as told under "Where things are"',
  },
} as const satisfies FlagTable;

/** Flags that describe a process of a container. */
export const processFlags = {
  ...idFlag,
  ...configFlag,
  tty: { type: 'boolean', short: 't', help: 'give the process a terminal' },
  user: {
    type: 'string',
    short: 'u',
    value: 'USER[:GROUP]',
    default: 'root',
    help: 'user and group, by names or numbers of the container',
  },
  cwd: { type: 'string', value: 'DIR', help: 'working directory in the container; made when it does not exist' },
  env: {
    type: 'list',
    value: 'NAME=VALUE',
    default: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOSTNAME=nsinit', 'TERM=xterm'],
    help: 'variable beside the default ones; without =VALUE it is passed on from here; can be repeated',
  },
  systemd: {
    type: 'boolean',
    help: 'let systemd keep the control group, as a transient scope; later commands know it from the state',
  },
} as const satisfies FlagTable;

/** Flags of a start that says something about itself on disk. */
export const startFlags = {
  'no-state-files': {
    type: 'boolean',
    help: "do not write state.json and .nspid into the container's directory while it lives",
  },
} as const satisfies FlagTable;

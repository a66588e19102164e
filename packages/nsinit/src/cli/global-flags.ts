import type { FlagTable } from './flag.ts';

/** Flags that every command knows, before its name or among its own. */
export const globalFlags = {
  debug: { type: 'boolean', help: 'print each step with its time, and errors with their causes and stack' },
  root: {
    type: 'string',
    value: 'DIR',
    complete: 'directory',
    default: '/var/run/nsinit',
    help: 'directory that holds the state of containers, made absolute; see "Where things are"',
  },
  'log-file': {
    type: 'string',
    value: 'FILE',
    complete: 'file',
    help: 'write log lines to FILE as well; it is emptied first',
  },
  'log-format': { type: 'string', choices: ['text', 'json'], default: 'text', help: 'form of the lines of --log-file' },
  criu: {
    type: 'string',
    value: 'FILE',
    complete: 'file',
    default: 'criu',
    help: 'the CRIU program, for checkpoint and restore',
  },
  help: { type: 'boolean', short: 'h', help: 'print this help' },
} as const satisfies FlagTable;

/** Flags that stand before the command only. */
export const leadingFlags = {
  ...globalFlags,
  version: { type: 'boolean', short: 'v', help: 'print the version' },
} as const satisfies FlagTable;

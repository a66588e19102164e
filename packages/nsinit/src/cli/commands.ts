import { checkpointFlags, restoreFlags } from './checkpoint-flags.ts';
import { containerFlags } from './container-flags.ts';
import type { FlagTable, FlagValues } from './flag.ts';
import { configFlag, idFlag, processFlags, startFlags } from './process-flags.ts';
import {
  checkpointText,
  destroyText,
  initText,
  oomText,
  pauseText,
  placesText,
  planText,
  restoreText,
  statsText,
} from './texts.ts';

/** One command of nsinit. */
export interface Command {
  /** What it does, on one line. */
  readonly summary: string;
  /** What stands behind the flags in the usage line. */
  readonly operands?: string;
  /** How many operands there may be; without a maximum the first one ends the flags. */
  readonly count: { readonly min: number; readonly max?: number };
  /** Values of the first operand, for completion and errors. */
  readonly choices?: readonly string[];
  /** All flags. */
  readonly flags: FlagTable;
  /** The same flags as the help shows them, by headings. */
  readonly groups: Readonly<Record<string, FlagTable>>;
  /** More for the help of this command, after its flags. */
  readonly text?: string;
}

const formatFlag = {
  format: { type: 'string', choices: ['text', 'json'], default: 'text', help: 'form of the output' },
} as const satisfies FlagTable;

const fileFlag = {
  file: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    complete: 'file',
    default: 'stdout',
    help: 'write to FILE instead of the standard output',
  },
} as const satisfies FlagTable;

const explainFlag = {
  explain: {
    type: 'list',
    value: 'CALL[:ARG,...]',
    help: 'say what the system call filter does on a call, as clone:0x10000000, and by which rule; can be repeated',
  },
} as const satisfies FlagTable;
const destroyFlags = {
  ...idFlag,
  force: { type: 'boolean', short: 'f', help: 'kill its processes first; no container of the id is no failure then' },
} as const satisfies FlagTable;

const restoredFlags = {
  ...idFlag,
  ...configFlag,
  tty: processFlags.tty,
  systemd: processFlags.systemd,
  ...startFlags,
} as const satisfies FlagTable;

const statsFlags = {
  ...idFlag,
  watch: { type: 'boolean', short: 'w', help: 'show shares and rates, again and again, until the container ends' },
  interval: { type: 'integer', value: 'MS', default: '1000', help: 'time between two views, in milliseconds' },
} as const satisfies FlagTable;

/** Shells that `nsinit completion` knows. */
export const shells = ['bash', 'zsh', 'fish'] as const;

/** One of {@link shells}. */
export type Shell = (typeof shells)[number];

/** Every command by name, in the order of the help. */
export const commands = {
  exec: {
    summary: 'run a command in a new container, or in the one that runs already',
    operands: 'COMMAND [ARGUMENT...]',
    count: { min: 0 },
    flags: { ...processFlags, ...startFlags, ...containerFlags },
    groups: { 'Flags of the process': { ...processFlags, ...startFlags }, 'Flags of a new container': containerFlags },
    text: placesText,
  },
  config: {
    summary: 'print the container.json that the flags describe',
    count: { min: 0, max: 0 },
    flags: { ...fileFlag, ...configFlag, ...containerFlags },
    groups: { Flags: { ...fileFlag, ...configFlag }, 'Flags of the container': containerFlags },
    text: 'Without --config the built-in template is printed, changed by the flags; with it, that file in the form of today.',
  },
  state: {
    summary: 'print the state of a container',
    count: { min: 0, max: 0 },
    flags: idFlag,
    groups: { Flags: idFlag },
  },
  stats: {
    summary: 'print what a container uses, as JSON or as a live view',
    count: { min: 0, max: 0 },
    flags: statsFlags,
    groups: { Flags: statsFlags },
    text: statsText,
  },
  pause: {
    summary: 'stop all processes of a container where they are',
    count: { min: 0, max: 0 },
    flags: idFlag,
    groups: { Flags: idFlag },
    text: pauseText,
  },
  unpause: {
    summary: 'let the processes of a paused container go on',
    count: { min: 0, max: 0 },
    flags: idFlag,
    groups: { Flags: idFlag },
  },
  checkpoint: {
    summary: 'save the processes of a container on disk',
    count: { min: 0, max: 0 },
    flags: { ...idFlag, ...checkpointFlags },
    groups: { Flags: { ...idFlag, ...checkpointFlags } },
    text: checkpointText,
  },
  restore: {
    summary: 'let the saved processes of a container go on',
    count: { min: 0, max: 0 },
    flags: { ...restoredFlags, ...restoreFlags },
    groups: { Flags: { ...restoredFlags, ...restoreFlags } },
    text: restoreText,
  },
  destroy: {
    summary: 'remove what an ended or checkpointed container left, or a running one by force',
    count: { min: 0, max: 0 },
    flags: destroyFlags,
    groups: { Flags: destroyFlags },
    text: destroyText,
  },
  oom: {
    summary: 'print a line each time when processes of a container are killed because memory is out',
    count: { min: 0, max: 0 },
    flags: idFlag,
    groups: { Flags: idFlag },
    text: oomText,
  },
  plan: {
    summary: 'print every system call of a start, with its reason, and start nothing',
    operands: 'COMMAND [ARGUMENT...]',
    count: { min: 0 },
    flags: { ...formatFlag, ...explainFlag, ...processFlags, ...containerFlags },
    groups: {
      Flags: { ...formatFlag, ...explainFlag },
      'Flags of the process': processFlags,
      'Flags of the container': containerFlags,
    },
    text: planText,
  },
  check: {
    summary: 'print what this host can do, and what to do about the rest',
    count: { min: 0, max: 0 },
    flags: formatFlag,
    groups: { Flags: formatFlag },
    text: 'The exit code is 1 when a container of the built-in template could not be started.',
  },
  init: {
    summary: 'the first step of a container; started by nsinit itself',
    count: { min: 0, max: 0 },
    flags: {},
    groups: {},
    text: initText,
  },
  completion: {
    summary: 'print a completion script for a shell',
    operands: shells.join('|'),
    count: { min: 1, max: 1 },
    choices: shells,
    flags: {},
    groups: {},
    text: [
      '    bash: source <(nsinit completion bash)',
      '    zsh:  source <(nsinit completion zsh)',
      '    fish: nsinit completion fish | source',
    ].join('\n'),
  },
  help: {
    summary: 'print help, also of one command',
    operands: '[COMMAND]',
    count: { min: 0, max: 1 },
    flags: {},
    groups: {},
  },
} as const satisfies Record<string, Command>;

/** Name of a command. */
export type CommandName = keyof typeof commands;

/** All names, in the order of the help. */
export const commandNames: readonly CommandName[] = Object.keys(commands) as CommandName[];

/** The flags that were given to a command. */
export type CommandValues<Name extends CommandName> = FlagValues<(typeof commands)[Name]['flags']>;

/** Tells the name of a command from another word. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(commands, word);
}

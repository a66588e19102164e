import type { CapabilitySets } from '@nsinit/capabilities';
import type { Config } from '@nsinit/config';
import { type FdNumber, fdAt } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import type { WindowSize } from '../process/console.ts';
import { processEnvironment } from '../process/environment.ts';
import type { Process } from '../process/process.ts';
import { stdioKind } from '../process/stdio.ts';
import { withoutGroups } from '../rootless/groups.ts';
import { type Confinement, settleConfinement } from './confinement.ts';
import { capabilityMasks } from './credentials.ts';
import { lookUpUser, type ProcessUser, type UserFiles } from './user.ts';

/** A process with everything decided: what it says itself, what the configuration says, and what the container's files say. */
export interface ProcessSettings {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: ProcessUser;
  readonly capabilities: CapabilitySets;
  readonly noNewPrivileges: boolean;
  readonly confinement: Confinement;
  /** Owner of its terminal, by the container's ids; undefined: it has none. */
  readonly terminal: number | undefined;
  /** Size of its terminal from the beginning; undefined: the terminal does not say. */
  readonly windowSize: WindowSize | undefined;
  /** Standard streams that are /dev/null. */
  readonly nullStreams: readonly FdNumber[];
  /** Standard streams that are pipes of ours. */
  readonly pipes: readonly FdNumber[];
  readonly extraFiles: number;
}

/** A home of `/` is what the original gave to a user without an entry. */
const homeless = '/';

/**
 * Decides everything about a process. Nothing is opened.
 *
 * @param keepsGroups whether its user namespace has no setgroups(2).
 * @throws {ContainerError} ConfigInvalid for a user, group, capability or argument that makes no sense.
 */
export function settleProcess(
  process: Process,
  config: Config,
  files: UserFiles,
  keepsGroups = false,
): ProcessSettings {
  const { options } = process;
  const { args } = options;
  if (args.length === 0 || args[0] === '')
    throw new ContainerError('ConfigInvalid', 'a process needs a program to run', { field: 'args' });
  const env = options.env ?? config.process?.env ?? [];
  checkStrings('args', args);
  checkStrings('env', env);
  const bad = env.find((entry) => entry.indexOf('=') < 1);
  if (bad !== undefined)
    throw new ContainerError('ConfigInvalid', `invalid environment '${bad}'`, {
      field: 'env',
      hint: 'write NAME=value',
    });
  const found = lookUpUser(options.user ?? config.process?.user ?? '', config.additionalGroups ?? [], files);
  const user = keepsGroups ? withoutGroups(found, config) : found;
  const streams = [options.stdin, options.stdout, options.stderr].map(stdioKind);
  const terminal = process.console?.rootUid;
  const indexesOf = (kind: string) =>
    terminal !== undefined ? [] : streams.flatMap((stream, index) => (stream === kind ? [fdAt(index)] : []));
  return {
    args,
    env: processEnvironment(env, user.home || homeless),
    cwd: options.cwd ?? config.process?.cwd ?? '/',
    user,
    capabilities: capabilityMasks(options.capabilities ?? config.capabilities),
    noNewPrivileges: options.noNewPrivileges ?? config.noNewPrivileges ?? false,
    confinement: settleConfinement(config),
    terminal,
    windowSize: process.console?.size,
    nullStreams: indexesOf('null'),
    pipes: indexesOf('pipe'),
    extraFiles: options.extraFiles?.length ?? 0,
  };
}

function checkStrings(field: string, values: readonly string[]): void {
  const index = values.findIndex((value) => value.includes('\0'));
  if (index >= 0)
    throw new ContainerError('ConfigInvalid', `${field}[${index}] holds a NUL byte`, { field: `${field}[${index}]` });
}

import type { Config, ProcessOptions } from '@nsinit/libcontainer';
import type { FlagValues } from '../cli/flag.ts';
import { processFlags } from '../cli/process-flags.ts';
import { UsageError } from '../cli/usage-error.ts';

/** The flags of a process that were given. */
export type ProcessValues = FlagValues<typeof processFlags>;

/** A process as flags and configuration describe it, without its streams. */
export interface DescribedProcess {
  readonly options: Pick<ProcessOptions, 'args' | 'env'> & { readonly user?: string; readonly cwd?: string };
  readonly tty: boolean;
}

/**
 * Describes a process: by its flags first, then by the configuration, then by the defaults of the flags.
 *
 * @param args the command; when it is empty, the configuration's counts.
 * @param environment the variables of nsinit, for `--env NAME`.
 * @throws {UsageError} when there is no command, and for flags that make no sense.
 */
export function describeProcess(
  values: ProcessValues,
  args: readonly string[],
  config: Pick<Config, 'hostname' | 'process'>,
  environment: NodeJS.ProcessEnv,
): DescribedProcess {
  const command = args.length > 0 ? args : (config.process?.args ?? []);
  if (command.length === 0)
    throw new UsageError('no command is given', 'usage: nsinit exec [flags] COMMAND [ARGUMENT...]');
  const user = values.user ?? config.process?.user;
  const cwd = values.cwd ?? config.process?.cwd;
  return {
    options: {
      args: command,
      env: [...(config.process?.env ?? defaultEnvironment(config.hostname)), ...given(values.env ?? [], environment)],
      // Without a name the library takes id 0, which needs no entry in a passwd file.
      ...(user ? { user } : {}),
      ...(cwd ? { cwd } : {}),
    },
    tty: values.tty ?? config.process?.tty ?? false,
  };
}

/** The default variables; HOSTNAME is the container's host name when it has another one. */
function defaultEnvironment(hostname: string | undefined): readonly string[] {
  const own = (entry: string): string => (hostname && entry.startsWith('HOSTNAME=') ? `HOSTNAME=${hostname}` : entry);
  return processFlags.env.default.map(own);
}

/** `NAME` alone stands for the variable of nsinit's own environment, and for nothing when there is none. */
function given(entries: readonly string[], environment: NodeJS.ProcessEnv): readonly string[] {
  return entries.flatMap((entry) => {
    const name = entry.split('=', 1)[0]!;
    if (name === '') throw new UsageError(`invalid variable ${JSON.stringify(entry)} for --env`, 'write NAME=VALUE');
    if (entry.includes('=')) return [entry];
    const value = environment[entry];
    return value === undefined ? [] : [`${entry}=${value}`];
  });
}

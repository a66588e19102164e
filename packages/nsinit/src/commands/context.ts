import type { CommandName } from '../cli/commands.ts';
import type { CommandInvocation, GlobalValues } from '../cli/parse.ts';
import type { Log } from '../output/log.ts';

/** What every command is given. */
export interface Context {
  readonly global: GlobalValues;
  readonly log: Log;
  /** The current directory. */
  readonly cwd: string;
}

/** A module of a command. */
export interface CommandModule<Name extends CommandName> {
  /** Does it, and gives the exit code. */
  readonly run: (invocation: CommandInvocation<Name>, context: Context) => number | Promise<number>;
}

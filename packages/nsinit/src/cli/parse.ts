import { suggest } from '@nsinit/config';
import {
  type Command,
  type CommandName,
  type CommandValues,
  commandNames,
  commands,
  isCommandName,
} from './commands.ts';
import type { FlagTable, FlagValues } from './flag.ts';
import { globalFlags, leadingFlags } from './global-flags.ts';
import { scan } from './scan.ts';
import { UsageError } from './usage-error.ts';

/** Flags before and behind the command that concern every command; behind counts more. */
export type GlobalValues = FlagValues<typeof leadingFlags>;

/** A command with its flags and operands. */
export interface CommandInvocation<Name extends CommandName> {
  readonly name: Name;
  readonly values: CommandValues<Name>;
  readonly operands: readonly string[];
}

/** What a command line asks for. */
export interface Invocation {
  readonly global: GlobalValues;
  /** Undefined when only flags were given. */
  readonly command: { readonly [Name in CommandName]: CommandInvocation<Name> }[CommandName] | undefined;
}

/**
 * Reads a command line, without the program's name.
 *
 * @throws {UsageError} for an unknown command or flag, and for a value or number of operands that does not fit.
 */
export function parse(argv: readonly string[]): Invocation {
  const leading = scan(argv, leadingFlags, { stopAtOperand: true, of: '' });
  const [name, ...args] = leading.operands;
  if (name === undefined) return { global: leading.values as GlobalValues, command: undefined };
  if (!isCommandName(name)) {
    const meant = suggest(name, commandNames);
    throw new UsageError(
      `unknown command ${JSON.stringify(name)}`,
      meant ? `did you mean ${meant}?` : 'see nsinit --help',
    );
  }
  const command: Command = commands[name];
  const known: FlagTable = { ...globalFlags, ...command.flags };
  const { values, operands } = scan(args, known, {
    stopAtOperand: command.count.max === undefined,
    of: ` of ${name}`,
  });
  const entries = Object.entries(values);
  const isGlobal = ([flag]: readonly [string, unknown]): boolean => Object.hasOwn(globalFlags, flag);
  const global: GlobalValues = { ...leading.values, ...Object.fromEntries(entries.filter(isGlobal)) };
  if (!global.help) checkOperands(name, command, operands);
  // The table made the values what CommandValues says of them.
  const own = Object.fromEntries(entries.filter((entry) => !isGlobal(entry)));
  return { global, command: { name, values: own, operands } as NonNullable<Invocation['command']> };
}

function checkOperands(
  name: CommandName,
  { count, operands: usage, choices }: Command,
  given: readonly string[],
): void {
  const hint = `usage: nsinit ${name}${usage === undefined ? '' : ` ${usage}`}`;
  if (given.length < count.min) throw new UsageError(`${name} needs an argument`, hint);
  if (count.max !== undefined && given.length > count.max)
    throw new UsageError(`unexpected argument ${JSON.stringify(given[count.max])} of ${name}`, hint);
  const [first] = given;
  if (first !== undefined && choices && !choices.includes(first))
    throw new UsageError(`unknown argument ${JSON.stringify(first)} of ${name}`, hint);
}

import { suggest } from '@nsinit/config';
import { commandNames, isCommandName } from '../cli/commands.ts';
import { commandHelp, mainHelp } from '../cli/help.ts';
import type { CommandInvocation } from '../cli/parse.ts';
import { UsageError } from '../cli/usage-error.ts';
import { print } from '../output/print.ts';

/** `nsinit help [COMMAND]` */
export function run({ operands: [name] }: CommandInvocation<'help'>): number {
  if (name !== undefined && !isCommandName(name)) {
    const meant = suggest(name, commandNames);
    throw new UsageError(`unknown command ${JSON.stringify(name)}`, meant && `did you mean ${meant}?`);
  }
  print(name === undefined ? mainHelp() : commandHelp(name));
  return 0;
}

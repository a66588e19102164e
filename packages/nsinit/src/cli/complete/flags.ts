import { type Command, type CommandName, commands } from '../commands.ts';
import type { FlagTable } from '../flag.ts';
import { globalFlags } from '../global-flags.ts';

/** All flags that may stand behind a command. */
export function flagsOf(name: CommandName): FlagTable {
  return { ...commands[name].flags, ...globalFlags };
}

/** True when everything behind the first operand belongs to another command. */
export function runsCommand(name: CommandName): boolean {
  return (commands[name] as Command).count.max === undefined;
}

/** What the first operand may be. */
export function operandChoices(name: CommandName): readonly string[] {
  return (commands[name] as Command).choices ?? (name === 'help' ? Object.keys(commands) : []);
}

/** A text as one word of a shell, in single quotes. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

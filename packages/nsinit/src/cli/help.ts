import { type Command, type CommandName, commandNames, commands } from './commands.ts';
import type { Flag, FlagTable } from './flag.ts';
import { globalFlags, leadingFlags } from './global-flags.ts';

/** Width in columns that help text keeps to. */
const WIDTH = 110;

/** Column in which explanations begin. */
const INDENT = 32;

/** How a flag is written, with what stands for its value. */
export function flagUsage(name: string, { short, type, value, choices }: Flag): string {
  const operand = type === 'boolean' ? '' : ` ${choices?.join('|') ?? value ?? 'VALUE'}`;
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${operand}`;
}

/** The words in lines of at most `width` columns. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A left column, and a right one that is wrapped; a left text that is too long gets a line of its own. */
function row(left: string, right: string): string {
  const lines = wrap(right, WIDTH - INDENT).map((line) => `${' '.repeat(INDENT)}${line}`);
  const head = `  ${left}`;
  if (head.length > INDENT - 2) return [head, ...lines].join('\n');
  return [`${head.padEnd(INDENT)}${lines[0]!.trimStart()}`, ...lines.slice(1)].join('\n');
}

function flagRows(flags: FlagTable): string {
  return Object.entries(flags)
    .map(([name, flag]) => {
      const defaults = flag.default === undefined ? [] : [flag.default].flat();
      const note = defaults.length === 0 ? '' : ` (default: ${defaults.join(', ')})`;
      return row(flagUsage(name, flag), `${flag.help}${note}`);
    })
    .join('\n');
}

/** The help of nsinit itself. */
export function mainHelp(): string {
  return `Run, join and look into Linux containers.

Usage: nsinit [flags] COMMAND [flags] [ARGUMENT...]

Commands:
${commandNames.map((name) => row(name, commands[name].summary)).join('\n')}

Flags:
${flagRows(leadingFlags)}

In a directory that is a root file system, "nsinit exec /bin/sh" starts a shell in a container, and the same command in
another terminal joins it. "nsinit COMMAND --help" tells more about a command.
`;
}

/** The help of one command. */
export function commandHelp(name: CommandName): string {
  const command: Command = commands[name];
  const sections = Object.entries({ ...command.groups, 'Flags of every command': globalFlags }).map(
    ([title, flags]) => `${title}:\n${flagRows(flags)}\n`,
  );
  const usage = `Usage: nsinit ${name} [flags]${command.operands === undefined ? '' : ` ${command.operands}`}\n`;
  const summary = `${command.summary[0]!.toUpperCase()}${command.summary.slice(1)}.\n`;
  return [summary, usage, ...sections, ...(command.text === undefined ? [] : [`${command.text}\n`])].join('\n');
}

import { commandNames, commands } from '../commands.ts';
import type { Flag, FlagTable } from '../flag.ts';
import { leadingFlags } from '../global-flags.ts';
import { flagsOf, operandChoices, runsCommand } from './flags.ts';

/** A text in fish's single quotes, where only the quote and the backslash are special. */
const quote = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function value({ type, choices, complete }: Flag): string {
  if (type === 'boolean') return '';
  if (choices) return ` -x -a ${quote(choices.join(' '))}`;
  return { file: ' -r -F', directory: ` -x -a '(__fish_complete_directories)'`, none: ' -x' }[complete ?? 'none'];
}

const flagLines = (flags: FlagTable, condition: string): readonly string[] =>
  Object.entries(flags).map(([name, flag]) => {
    const short = flag.short === undefined ? '' : ` -s ${flag.short}`;
    return `complete -c nsinit -n ${quote(condition)}${short} -l ${name}${value(flag)} -d ${quote(flag.help)}`;
  });

/** Completion for fish 3. */
export function fishCompletion(): string {
  const first = '__fish_use_subcommand';
  const names = commandNames.map(
    (name) => `complete -c nsinit -n ${first} -a ${name} -d ${quote(commands[name].summary)}`,
  );
  const behind = commandNames.flatMap((name) => {
    const condition = `__fish_seen_subcommand_from ${name}`;
    const choices = operandChoices(name).join(' ');
    return [
      ...flagLines(flagsOf(name), condition),
      ...(choices ? [`complete -c nsinit -n ${quote(condition)} -a ${quote(choices)}`] : []),
      ...(runsCommand(name)
        ? [`complete -c nsinit -n ${quote(condition)} -a '(__fish_complete_subcommand --fcs-skip=2)' -F`]
        : []),
    ];
  });
  const lines = [
    '# fish completion of nsinit',
    'complete -c nsinit -f',
    ...names,
    ...flagLines(leadingFlags, first),
    ...behind,
  ];
  return `${lines.join('\n')}\n`;
}

import { commandNames, commands } from '../commands.ts';
import type { Flag, FlagTable } from '../flag.ts';
import { leadingFlags } from '../global-flags.ts';
import { flagsOf, operandChoices, quote, runsCommand } from './flags.ts';

/** A text inside a specification of _arguments, where colons and brackets separate. */
const escaped = (text: string): string => text.replace(/[\\:[\]]/g, '\\$&');

function action({ choices, complete }: Flag): string {
  if (choices) return `(${choices.join(' ')})`;
  return { file: '_files', directory: '_files -/', none: ' ' }[complete ?? 'none'];
}

function specs(flags: FlagTable): readonly string[] {
  return Object.entries(flags).map(([name, flag]) => {
    const value = flag.type === 'boolean' ? '' : `:${escaped(flag.value ?? 'value')}:${action(flag)}`;
    const spec = `${flag.type === 'boolean' ? '' : '='}[${escaped(flag.help)}]${value}`;
    const repeat = flag.type === 'list' ? '*' : '';
    if (flag.short === undefined) return quote(`${repeat}--${name}${spec}`);
    const short = flag.type === 'boolean' ? spec : spec.replace('=', '+');
    return `${quote(`${repeat}--${name}${spec}`)} ${quote(`${repeat}-${flag.short}${short}`)}`;
  });
}

const lines = (words: readonly string[], indent: string): string => words.join(` \\\n${indent}`);

function argumentsOf(name: (typeof commandNames)[number]): string {
  const choices = operandChoices(name);
  const operands = runsCommand(name)
    ? [quote('1:command:_command_names -e'), quote('*::argument:_normal')]
    : choices.length > 0
      ? [quote(`1:argument:(${choices.join(' ')})`)]
      : [];
  return `_arguments -s -S ${lines([...specs(flagsOf(name)), ...operands], '            ')}`;
}

/** Completion for zsh, as a file of its fpath or to be sourced. */
export function zshCompletion(): string {
  const described = commandNames.map((name) => quote(`${name}:${escaped(commands[name].summary)}`));
  return `#compdef nsinit
_nsinit() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -s -S -C ${lines([...specs(leadingFlags), "'1:command:->command'", "'*::argument:->argument'"], '    ')}
  case $state in
    command)
      local -a names=(${lines(described, '        ')})
      _describe command names ;;
    argument)
      case $words[1] in
${commandNames.map((name) => `        ${name})\n          ${argumentsOf(name)} ;;`).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _nsinit ]]; then _nsinit "$@"; else compdef _nsinit nsinit; fi
`;
}

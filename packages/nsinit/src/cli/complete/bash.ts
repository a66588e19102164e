import { commandNames } from '../commands.ts';
import type { Flag, FlagTable } from '../flag.ts';
import { leadingFlags } from '../global-flags.ts';
import { flagsOf, operandChoices, runsCommand } from './flags.ts';

const spellings = (name: string, { short }: Flag): readonly string[] =>
  short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];

const words = (flags: FlagTable): string =>
  Object.entries(flags)
    .flatMap(([name, flag]) => spellings(name, flag))
    .join(' ');

/** All flags with a value, of all commands: no name means different things in two of them. */
function valueFlags(): ReadonlyMap<string, Flag> {
  const tables: readonly FlagTable[] = [leadingFlags, ...commandNames.map(flagsOf)];
  const found = tables.flatMap((table) => Object.entries(table)).filter(([, { type }]) => type !== 'boolean');
  return new Map(found);
}

function valueReply({ choices, complete }: Flag): string {
  if (choices) return `COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$cur"))`;
  if (complete === 'directory') return 'compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur"))';
  if (complete === 'file') return 'compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur"))';
  return 'COMPREPLY=()';
}

/** Completion for bash 4.1 and newer. */
export function bashCompletion(): string {
  const values = [...valueFlags()];
  const patterns = values.flatMap(([name, flag]) => spellings(name, flag)).join('|');
  return `# bash completion of nsinit
_nsinit() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command= operands=0 i
  # --flag=value reaches this function as three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${patterns})
        if [[ \${COMP_WORDS[i + 1]} == = ]]; then ((i += 2)); else ((i++)); fi ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=\${COMP_WORDS[i]}; else ((operands++)); fi ;;
    esac
    case $command in ${commandNames.filter(runsCommand).join('|')}) ((operands > 0)) && break ;; esac
  done
  if ((operands == 0)); then
    case $prev in
${values.map(([name, flag]) => `      ${spellings(name, flag).join('|')}) ${valueReply(flag)}; return ;;`).join('\n')}
    esac
  fi
  case $command in
    '') COMPREPLY=($(compgen -W '${commandNames.join(' ')} ${words(leadingFlags)}' -- "$cur")) ;;
${commandNames.map((name) => `    ${name}) ${commandReply(name)} ;;`).join('\n')}
  esac
}
complete -F _nsinit nsinit
`;
}

function commandReply(name: (typeof commandNames)[number]): string {
  const flags = `COMPREPLY=($(compgen -W '${words(flagsOf(name))}' -- "$cur"))`;
  const choices = operandChoices(name).join(' ');
  if (runsCommand(name)) {
    const operand = 'compopt -o default; COMPREPLY=()';
    return `if [[ $cur == -* ]] && ((operands == 0)); then ${flags}; else ${operand}; fi`;
  }
  if (choices) return `if [[ $cur == -* ]]; then ${flags}; else COMPREPLY=($(compgen -W '${choices}' -- "$cur")); fi`;
  return flags;
}

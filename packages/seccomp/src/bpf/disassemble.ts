import { ARCHITECTURES, type Architecture, AUDIT_ARCH, X32_BIT } from '../architecture.ts';
import { decodeAction, formatAction } from '../model/action.ts';
import { syscallName } from '../syscalls/lookup.ts';
import { BPF, type BpfInstruction, dataOffset } from './instruction.ts';

const comparisons: Readonly<Record<number, readonly [holds: string, not: string]>> = {
  [BPF.jumpEqual]: ['==', '!='],
  [BPF.jumpGreater]: ['>', '<='],
  [BPF.jumpGreaterEqual]: ['>=', '<'],
  [BPF.jumpSet]: ['&', '!&'],
};

/**
 * A program for a person to read, a line for each instruction: words of the call's data by name, numbers of calls and
 * architectures by name, actions by name.
 */
export function disassemble(program: readonly BpfInstruction[]): string {
  const states = statesOf(program);
  const width = String(program.length - 1).length;
  const lines = program.map(
    (instruction, index) => `${String(index).padStart(width)}: ${lineOf(instruction, index, states[index] ?? unknown)}`,
  );
  return `${lines.join('\n')}\n`;
}

/** What is known where an instruction begins, whichever way led there. */
interface State {
  /** The word that A holds; undefined: it is not known. */
  readonly loaded: number | undefined;
  readonly architecture: Architecture | undefined;
}

const unknown: State = { loaded: undefined, architecture: undefined };

/** Jumps only lead forward, so that one pass in order sees all that leads to an instruction before it. */
function statesOf(program: readonly BpfInstruction[]): readonly (State | undefined)[] {
  const states: (State | undefined)[] = [unknown];
  const reach = (index: number, state: State) => {
    const other = states[index];
    states[index] = other
      ? {
          loaded: other.loaded === state.loaded ? state.loaded : undefined,
          architecture: other.architecture === state.architecture ? state.architecture : undefined,
        }
      : state;
  };
  program.forEach(({ code, jt, jf, k }, index) => {
    const state = states[index] ?? unknown;
    if (code === BPF.return) return;
    if (code === BPF.jump) reach(index + 1 + k, state);
    else if (code === BPF.load) reach(index + 1, { ...state, loaded: k });
    else if (code in comparisons) {
      const isArch = code === BPF.jumpEqual && state.loaded === dataOffset.arch;
      reach(index + 1 + jt, isArch ? { ...state, architecture: architectureOf(k) } : state);
      reach(index + 1 + jf, state);
    } else reach(index + 1, state);
  });
  return states;
}

function lineOf({ code, jt, jf, k }: BpfInstruction, index: number, { loaded, architecture }: State): string {
  const at = (skip: number) => index + 1 + skip;
  const words = comparisons[code];
  if (words) {
    const value = operandText(k, loaded, architecture);
    if (jt === 0) return `if A ${words[1]} ${value} goto ${at(jf)}`;
    if (jf === 0) return `if A ${words[0]} ${value} goto ${at(jt)}`;
    return `if A ${words[0]} ${value} goto ${at(jt)} else ${at(jf)}`;
  }
  switch (code) {
    case BPF.load:
      return `A = ${wordName(k)}`;
    case BPF.and:
      return `A &= ${hex(k)}`;
    case BPF.jump:
      return `goto ${at(k)}`;
    case BPF.return:
      return `return ${formatAction(decodeAction(k))}`;
    default:
      return `code ${hex(code)}, jt ${jt}, jf ${jf}, k ${hex(k)}`;
  }
}

/** A word of struct seccomp_data by name: `args[0].low`. */
export function wordName(offset: number): string {
  if (offset === dataOffset.nr) return 'nr';
  if (offset === dataOffset.arch) return 'arch';
  if (offset < 16) return `instruction_pointer.${offset === 8 ? 'low' : 'high'}`;
  return `args[${Math.floor((offset - 16) / 8)}].${offset % 8 === 0 ? 'low' : 'high'}`;
}

function operandText(k: number, loaded: number | undefined, on: Architecture | undefined): string {
  if (loaded === dataOffset.arch) return architectureOf(k) ?? hex(k);
  if (loaded !== dataOffset.nr) return hex(k);
  if (k === X32_BIT) return hex(k);
  if (!on) return hex(k);
  const name = k > X32_BIT && on === 'x86_64' ? syscallName('x32', k - X32_BIT) : syscallName(on, k);
  return name === undefined ? (k < 1024 ? String(k) : hex(k)) : `${k < 1024 ? k : hex(k)} (${name})`;
}

function architectureOf(value: number): Architecture | undefined {
  return ARCHITECTURES.find((architecture) => AUDIT_ARCH[architecture] === value);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

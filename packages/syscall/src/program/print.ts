import type { Call, ErrorAction, Instruction, Operand } from './instruction.ts';
import { Label } from './instruction.ts';

/** One instruction as people and programs read it. */
export interface PrintedInstruction {
  /** Its place in the program. */
  readonly index: number;
  /** As strace writes it: `openat2(3<rootfs>, "dev", {flags=O_PATH}, 24) = dev`. */
  readonly text: string;
  /** The system call's name, or `branch`, `jump`, `assign`, `fail`. */
  readonly op: string;
  /** What happens on which error, in words; undefined when every error ends the program. */
  readonly errors?: string;
  /** Why the step is there. */
  readonly what?: string;
  /** The configuration field that asked for it. */
  readonly field?: string;
}

/** The text of one instruction. */
export function printInstruction(instruction: Instruction, index: number): PrintedInstruction {
  const printed: { -readonly [K in keyof PrintedInstruction]: PrintedInstruction[K] } = {
    index,
    op: instruction.op === 'call' ? instruction.name : instruction.op,
    text: textOf(instruction),
  };
  const errors = instruction.op === 'call' ? errorsOf(instruction, index) : '';
  if (errors) printed.errors = errors;
  if (instruction.what !== undefined) printed.what = instruction.what;
  if (instruction.field !== undefined) printed.field = instruction.field;
  return printed;
}

function textOf(instruction: Instruction): string {
  switch (instruction.op) {
    case 'call': {
      const call = `${instruction.name}(${instruction.render().join(', ')})`;
      return instruction.result.offset === undefined ? call : `${call} = ${instruction.result.name}`;
    }
    case 'branch': {
      const mask = instruction.mask === 2n ** 64n - 1n ? '' : ` & 0x${instruction.mask.toString(16)}`;
      const against =
        typeof instruction.against === 'bigint' ? `0x${instruction.against.toString(16)}` : instruction.against;
      return `if ${operandText(instruction.value)}${mask} ${instruction.comparison} ${against} goto ${instruction.next.index}`;
    }
    case 'jump':
      return `goto ${instruction.next.index}`;
    case 'assign':
      return `${instruction.result.name} := ${operandText(instruction.value)}`;
    case 'fail':
      return 'fail';
  }
}

function operandText(operand: Operand): string {
  if (operand.kind === 'immediate') return String(operand.value);
  return operand.kind === 'address' ? `&+${operand.offset}` : operand.cell.name;
}

function errorsOf(call: Call, index: number): string {
  const parts = Object.entries(call.on as Record<string, ErrorAction>).map(
    ([errno, action]) => `${errno}: ${actionText(action, index)}`,
  );
  if (call.next && call.next.index !== index + 1) parts.unshift(`ok: goto ${call.next.index}`);
  return parts.join(', ');
}

function actionText(action: ErrorAction, index: number): string {
  if (!(action instanceof Label)) return action;
  return action.index === index + 1 ? 'go on' : `goto ${action.index}`;
}

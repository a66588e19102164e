import { forArch } from '../abi/arch.ts';
import { type ErrnoName, errnos } from '../abi/errno.ts';
import { writeInt } from '../abi/layout.ts';
import { syscallNumbers } from '../abi/numbers.ts';
import { comparisons, format, opcodes, operandKinds } from './format.ts';
import { type ErrorAction, type ErrorActions, type Instruction, Label, type Operand } from './instruction.ts';
import type { Program } from './program.ts';
import type { Cell } from './values.ts';

const layout = format.instruction;

/** The bytes of a program, see {@link format}. */
export function encodeProgram(program: Program, reportFd: number): Uint8Array {
  const count = program.instructions.length;
  if (count > format.maxInstructions)
    throw new RangeError(`the program has ${count} instructions; at most ${format.maxInstructions} fit`);
  for (const instruction of program.instructions) placeResult(program, instruction);
  const dataOffset = alignUp(format.header.size + count * layout.size, 16);
  const total = dataOffset + program.data.size;
  if (total > format.maxSize) throw new RangeError(`the program has ${total} bytes; at most ${format.maxSize} fit`);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  const header = format.header;
  view.setUint32(header.magic, format.magic, true);
  view.setUint32(header.version, format.version, true);
  view.setUint32(header.machine, format.machines[program.arch], true);
  view.setUint32(header.instructions, count, true);
  view.setUint32(header.dataOffset, dataOffset, true);
  view.setUint32(header.dataSize, program.data.size, true);
  view.setInt32(header.reportFd, reportFd, true);
  view.setUint32(header.totalSize, total, true);
  let at: number = format.header.size;
  for (const [index, instruction] of program.instructions.entries()) {
    encodeInstruction(program, instruction, index, view, at);
    at += layout.size;
  }
  program.data.encode(bytes.subarray(dataOffset), format.base + BigInt(dataOffset));
  return bytes;
}

/** Results that nothing reads have no place; the others got theirs when they were used. */
function placeResult(program: Program, instruction: Instruction): void {
  if (instruction.op === 'assign') program.data.place(instruction.result);
}

function encodeInstruction(
  program: Program,
  instruction: Instruction,
  index: number,
  view: DataView,
  at: number,
): void {
  view.setUint32(at + layout.result, format.noPlace, true);
  view.setUint32(at + layout.next, format.noPlace, true);
  switch (instruction.op) {
    case 'call':
      view.setUint32(at + layout.nr, forArch(syscallNumbers[instruction.name], program.arch), true);
      encodeOperands(view, at, instruction.operands, instruction.result);
      encodeResult(view, at, instruction.result);
      if (instruction.next) view.setUint32(at + layout.next, instruction.next.index!, true);
      encodeHandlers(view, at + layout.handlers, instruction.on, index);
      return;
    case 'branch':
      view.setUint32(at + layout.nr, opcodes.branch, true);
      encodeOperands(view, at, [
        instruction.value,
        { kind: 'immediate', value: instruction.mask },
        { kind: 'immediate', value: comparisons[instruction.comparison] },
        { kind: 'immediate', value: instruction.against },
      ]);
      view.setUint32(at + layout.next, instruction.next.index!, true);
      return;
    case 'jump':
      view.setUint32(at + layout.nr, opcodes.jump, true);
      view.setUint32(at + layout.next, instruction.next.index!, true);
      return;
    case 'assign':
      view.setUint32(at + layout.nr, opcodes.assign, true);
      encodeOperands(view, at, [instruction.value], instruction.result);
      encodeResult(view, at, instruction.result);
      return;
    case 'fail': {
      view.setUint32(at + layout.nr, opcodes.fail, true);
      const detail: Operand = instruction.detail
        ? { kind: 'address', ...instruction.detail }
        : { kind: 'immediate', value: 0 };
      encodeOperands(view, at, [
        instruction.errno,
        instruction.value,
        detail,
        { kind: 'immediate', value: instruction.detail?.size ?? 0 },
      ]);
    }
  }
}

function encodeOperands(view: DataView, at: number, operands: readonly Operand[], result?: Cell): void {
  let kinds = result && result.width !== 8 ? 1 << 24 : 0;
  for (let index = 0; index < operands.length; index++) {
    const operand = operands[index]!;
    kinds |= kindOf(operand) << (index * 4);
    const value =
      operand.kind === 'immediate' ? operand.value : operand.kind === 'address' ? operand.offset : operand.cell.offset!;
    // The bytes are zero until written.
    if (value !== 0) writeInt(view, at + layout.args + index * 8, 8, value);
  }
  view.setUint32(at + layout.kinds, kinds, true);
}

function kindOf(operand: Operand): number {
  if (operand.kind === 'immediate') return operandKinds.immediate;
  if (operand.kind === 'address') return operandKinds.address;
  if (operand.cell.width === 8) return operandKinds.load64;
  return operand.cell.width === 4 ? operandKinds.loadU32 : operandKinds.loadS32;
}

function encodeResult(view: DataView, at: number, result: Cell): void {
  if (result.offset !== undefined) view.setUint32(at + layout.result, result.offset, true);
}

function encodeHandlers(view: DataView, at: number, on: ErrorActions, index: number): void {
  let slot = 0;
  const put = (errno: number, action: ErrorAction) => {
    if (slot === 4)
      throw new RangeError(`instruction ${index} handles ${Object.keys(on).length} errors; at most 4 fit`);
    view.setUint16(at + slot * 4, errno, true);
    view.setUint16(at + slot * 4 + 2, targetOf(action, index), true);
    slot++;
  };
  for (const name in on) if (name !== 'any') put(errnos[name as ErrnoName], on[name as ErrnoName]!);
  // The executor takes the first that matches, so the catch-all goes last.
  if (on.any) put(format.anyErrno, on.any);
}

function targetOf(action: ErrorAction, index: number): number {
  if (action instanceof Label) return action.index!;
  return action === 'retry' ? index : index + 1;
}

function alignUp(value: number, align: number): number {
  return Math.ceil(value / align) * align;
}

import type { Arch } from '../abi/arch.ts';
import type { DataSegment } from './data.ts';
import { encodeProgram } from './encode.ts';
import { type Instruction, Label } from './instruction.ts';
import { type PrintedInstruction, printInstruction } from './print.ts';

/** A finished list of instructions with its data: to be encoded for nsexec, run in this process, or printed. */
export class Program {
  /** The architecture that numbers and constants are of. */
  readonly arch: Arch;
  /** The steps in order. */
  readonly instructions: readonly Instruction[];
  /** The data with its relocations. */
  readonly data: DataSegment;

  /** Use {@link ProgramBuilder.build}. */
  constructor(arch: Arch, instructions: readonly Instruction[], data: DataSegment) {
    for (const [index, instruction] of instructions.entries())
      for (const label of labelsOf(instruction)) checkTarget(index, label, instruction);
    this.arch = arch;
    this.instructions = instructions;
    this.data = data;
  }

  /**
   * The bytes that nsexec maps and runs.
   *
   * @param reportFd the descriptor that error reports go to, a SOCK_SEQPACKET socket.
   * @throws {RangeError} when the program is longer than the format allows.
   */
  encode(reportFd: number): Uint8Array {
    return encodeProgram(this, reportFd);
  }

  /** Every instruction with its place, its text and its reason. */
  print(): readonly PrintedInstruction[] {
    return this.instructions.map((instruction, index) => printInstruction(instruction, index));
  }
}

function labelsOf(instruction: Instruction): readonly Label[] {
  if (instruction.op === 'call')
    return [instruction.next, ...Object.values(instruction.on)].filter((target) => target instanceof Label);
  return instruction.op === 'branch' || instruction.op === 'jump' ? [instruction.next] : [];
}

function checkTarget(index: number, label: Label, instruction: Instruction): void {
  const where = `instruction ${index} (${instruction.what ?? instruction.op})`;
  if (label.index === undefined) throw new Error(`${where} jumps to label ${label.name}, which is not placed`);
  if (label.index <= index) throw new Error(`${where} jumps back to label ${label.name}: programs only go forward`);
}

import type { Arch } from '../abi/arch.ts';
import type { DataSegment } from './data.ts';
import { encodeProgram } from './encode.ts';
import { type ErrorActions, type Instruction, Label } from './instruction.ts';
import { type PrintedInstruction, printInstruction } from './print.ts';

/** A finished list of instructions with its data: to be encoded for nsexec, run in this process, or printed. */
export class Program {
  /** The architecture that numbers and constants are of. */
  readonly arch: Arch;
  /** The steps in order. */
  readonly instructions: readonly Instruction[];
  /** The data with its relocations. */
  readonly data: DataSegment;
  #encoded: { readonly reportFd: number; readonly bytes: Uint8Array } | undefined;

  /** Use {@link ProgramBuilder.build}. */
  constructor(arch: Arch, instructions: readonly Instruction[], data: DataSegment) {
    instructions.forEach(checkTargets);
    this.arch = arch;
    this.instructions = instructions;
    this.data = data;
  }

  /**
   * The bytes that nsexec maps and runs; the same ones the next time.
   *
   * @param reportFd the descriptor that error reports go to, a SOCK_SEQPACKET socket.
   * @throws {RangeError} when the program is longer than the format allows.
   */
  encode(reportFd: number): Uint8Array {
    if (this.#encoded?.reportFd !== reportFd) this.#encoded = { reportFd, bytes: encodeProgram(this, reportFd) };
    return this.#encoded.bytes;
  }

  /** Every instruction with its place, its text and its reason. */
  print(): readonly PrintedInstruction[] {
    return this.instructions.map((instruction, index) => printInstruction(instruction, index));
  }
}

function checkTargets(instruction: Instruction, index: number): void {
  if (instruction.op === 'assign' || instruction.op === 'fail') return;
  if (instruction.next) checkTarget(index, instruction.next, instruction);
  if (instruction.op !== 'call') return;
  for (const errno in instruction.on) {
    const action = instruction.on[errno as keyof ErrorActions];
    if (action instanceof Label) checkTarget(index, action, instruction);
  }
}

function checkTarget(index: number, label: Label, instruction: Instruction): void {
  if (label.index !== undefined && label.index > index) return;
  const where = `instruction ${index} (${instruction.what ?? instruction.op})`;
  if (label.index === undefined) throw new Error(`${where} jumps to label ${label.name}, which is not placed`);
  throw new Error(`${where} jumps back to label ${label.name}: programs only go forward`);
}

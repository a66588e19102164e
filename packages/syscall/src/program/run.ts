import { forArch, hostArch } from '../abi/arch.ts';
import { type ErrnoName, errnoMessage, errnoName, errnos } from '../abi/errno.ts';
import { readInt, writeInt } from '../abi/layout.ts';
import { syscallNumbers } from '../abi/numbers.ts';
import type { SyscallName } from '../abi/signatures.ts';
import { SyscallError } from '../errors.ts';
import { addressOf, rawSyscall } from '../libc.ts';
import { maxRetries } from './format.ts';
import type { Branch, Call, ErrorAction, Fail, Operand, Reason } from './instruction.ts';
import type { Program } from './program.ts';
import type { Cell } from './values.ts';

/** A program that stopped at a step: which, why the step was there, and the failed call as the cause. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  /** The step's place in the program. */
  readonly index: number;
  /** The error number of the step, 0 when the program itself decided to fail without one. */
  readonly errno: number;
  /** Why the step was there. */
  readonly reason: Reason;
  /** The number that a `fail` tells, 0 for none. */
  readonly value: bigint;
  /** The memory that a `fail` tells, empty for none. */
  readonly detail: Uint8Array;

  constructor(
    index: number,
    reason: Reason,
    errno: number,
    options: { readonly cause?: SyscallError; readonly value?: bigint; readonly detail?: Uint8Array } = {},
  ) {
    const { cause, value = 0n, detail = new Uint8Array() } = options;
    const what = [reason.field, reason.what].filter((part) => part !== undefined).join(': ');
    const why = errno === 0 ? 'failed' : `${errnoName(errno)} (${errnoMessage(errno)})`;
    super(`${what || `step ${index}`}: ${cause?.message ?? why}`, { cause });
    this.index = index;
    this.errno = errno;
    this.reason = { field: reason.field, what: reason.what };
    this.value = value;
    this.detail = detail;
  }
}

/** Calls that would not come back, or come back twice, in a process with threads. */
const unfit: ReadonlySet<SyscallName> = new Set(['clone3', 'execve', 'execveat', 'exit_group']);

/**
 * Runs a program in the calling thread: the same steps that nsexec would make, with the same handling of errors.
 *
 * @returns a reader for the values that the program's cells hold at its end.
 * @throws {ProgramError} at the first step that fails without an action for its error.
 * @throws {TypeError} for a program of another architecture, or with clone3, execve or exit_group in it.
 */
export function runProgram(program: Program): (cell: Cell) => bigint {
  if (program.arch !== hostArch()) throw new TypeError(`the program is for ${program.arch}, this is ${hostArch()}`);
  for (const instruction of program.instructions)
    if (instruction.op === 'call' && unfit.has(instruction.name))
      throw new TypeError(`${instruction.name} cannot run inside the calling process: start the program with nsexec`);
  const memory = new Uint8Array(Math.max(8, program.data.size));
  const base = addressOf(memory);
  program.data.encode(memory, base);
  const machine = new Machine(program, new DataView(memory.buffer), base);
  machine.run();
  return (cell) => machine.read(cell);
}

class Machine {
  readonly #program: Program;
  readonly #view: DataView;
  readonly #base: bigint;
  #lastFailure: { readonly index: number; readonly call: Call; readonly errno: number } | undefined;

  constructor(program: Program, view: DataView, base: bigint) {
    this.#program = program;
    this.#view = view;
    this.#base = base;
  }

  run(): void {
    let index = 0;
    while (index < this.#program.instructions.length) index = this.#step(index);
  }

  read(cell: Cell): bigint {
    if (cell.offset === undefined) throw new RangeError(`${cell.name} is not used by the program`);
    return BigInt(readInt(this.#view, cell.offset, Math.abs(cell.width), cell.width < 0));
  }

  #step(index: number): number {
    const instruction = this.#program.instructions[index]!;
    switch (instruction.op) {
      case 'call':
        return this.#call(instruction, index);
      case 'branch':
        return this.#holds(instruction) ? instruction.next.index! : index + 1;
      case 'jump':
        return instruction.next.index!;
      case 'assign':
        this.#store(instruction.result, BigInt(this.#value(instruction.value)));
        return index + 1;
      case 'fail': {
        const errno = Number(this.#value(instruction.errno));
        const value = BigInt.asIntN(64, BigInt(this.#value(instruction.value)));
        const detail = this.#bytes(instruction.detail);
        const last = this.#lastFailure;
        if (errno !== 0 || !last) throw new ProgramError(index, instruction, errno, { value, detail });
        const cause = this.#error(last.call, last.errno);
        throw new ProgramError(last.index, last.call, last.errno, { cause, value, detail });
      }
    }
  }

  #call(call: Call, index: number): number {
    const nr = forArch(syscallNumbers[call.name], this.#program.arch);
    for (let tries = 0; ; tries++) {
      const result = rawSyscall(
        nr,
        call.operands.map((operand) => this.#value(operand)),
      );
      if (call.result.offset !== undefined) this.#store(call.result, BigInt(result));
      if (result >= 0) return call.next ? call.next.index! : index + 1;
      const action = actionFor(call, -result);
      if (action === undefined || (action === 'retry' && tries >= maxRetries))
        throw new ProgramError(index, call, -result, { cause: this.#error(call, -result) });
      if (action === 'retry') continue;
      const target = action === 'ignore' ? index + 1 : action.index!;
      // Going on is to ignore the error; a jump is to deal with it, and may end in a report of it.
      if (target !== index + 1 || call.next) this.#lastFailure = { index, call, errno: -result };
      return target;
    }
  }

  #bytes(detail: Fail['detail']): Uint8Array {
    if (!detail) return new Uint8Array();
    return new Uint8Array(this.#view.buffer.slice(detail.offset, detail.offset + detail.size));
  }

  #error(call: Call, errno: number): SyscallError {
    return new SyscallError(call.name, errno, call.render());
  }

  #holds(branch: Branch): boolean {
    const value = BigInt.asUintN(64, BigInt(this.#value(branch.value))) & branch.mask;
    const against = BigInt.asUintN(64, BigInt(branch.against));
    switch (branch.comparison) {
      case '==':
        return value === against;
      case '!=':
        return value !== against;
      case '<':
        return value < against;
      case '>=':
        return value >= against;
    }
  }

  #value(operand: Operand): number | bigint {
    if (operand.kind === 'immediate') return operand.value;
    return operand.kind === 'address' ? this.#base + BigInt(operand.offset) : this.read(operand.cell);
  }

  #store(cell: Cell, value: bigint): void {
    writeInt(this.#view, cell.offset!, Math.abs(cell.width), value);
  }
}

function actionFor(call: Call, errno: number): ErrorAction | undefined {
  for (const [name, action] of Object.entries(call.on) as [ErrnoName | 'any', ErrorAction][])
    if (name !== 'any' && errnos[name] === errno) return action;
  return call.on.any;
}

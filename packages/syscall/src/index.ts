/**
 * The Linux ABI for Node.js: system calls with typed arguments, errno, constants and struct layouts per architecture,
 * and programs of system calls that can be run here, run in a new process, or printed.
 *
 * @packageDocumentation
 */

export { type Arch, architectures, hostArch, type PerArch } from './abi/arch.ts';
export { type ConstantName, type ConstantTable, constants, type Flags } from './abi/constants.ts';
export { type ErrnoName, errnoMessage, errnoName, errnos } from './abi/errno.ts';
export { constant, constantTable, flagsValue, formatConstant, formatFlags } from './abi/flags.ts';
export { decodeStruct, type FieldLayout, fieldOf, layoutOf, type StructLayout, sizeOf } from './abi/layout.ts';
export { type SyscallNumberName, syscallNumbers } from './abi/numbers.ts';
export { type ResultKind, type Signature, type SyscallName, signatures } from './abi/signatures.ts';
export { type FieldName, type StructInput, type StructName, structs } from './abi/structs.ts';
export { SyscallError } from './errors.ts';
export { duplicate, Fd } from './fd.ts';
export { invoke, syscallError, tryInvoke } from './invoke.ts';
export {
  addressOf,
  errno,
  libcFunction,
  loadKoffi,
  rawSyscall,
  type Watch,
  watchReadable,
  watchWritable,
} from './libc.ts';
export type { ResultOf, SyscallArgs } from './program/args.ts';
export { type CallOptions, ProgramBuilder } from './program/builder.ts';
export { comparisons, exitCodes, format, maxRetries, opcodes, operandKinds } from './program/format.ts';
export {
  type Assign,
  type Branch,
  type Call,
  type Comparison,
  type ErrorAction,
  type ErrorActions,
  type Fail,
  type Instruction,
  type Jump,
  Label,
  type Operand,
  type Reason,
} from './program/instruction.ts';
export type { PrintedInstruction } from './program/print.ts';
export { Program } from './program/program.ts';
export { ProgramError, runProgram } from './program/run.ts';
export {
  AT_FDCWD,
  Buf,
  Cell,
  type CellWidth,
  type FdArg,
  type FdNumber,
  fdAt,
  type IntArg,
  type PidArg,
} from './program/values.ts';

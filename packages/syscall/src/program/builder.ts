import { type Arch, hostArch } from '../abi/arch.ts';
import type { ConstantTable, Flags } from '../abi/constants.ts';
import { constant, flagsValue, formatFlags } from '../abi/flags.ts';
import { formatMemory, formatStruct, octal, sizeOf } from '../abi/layout.ts';
import type { ResultKind, SyscallName } from '../abi/signatures.ts';
import type { StructInput, StructName } from '../abi/structs.ts';
import type { ResultOf, SyscallArgs } from './args.ts';
import { DataSegment } from './data.ts';
import {
  type Comparison,
  type ErrorActions,
  type Instruction,
  Label,
  type Operand,
  type Reason,
} from './instruction.ts';
import { type Param, paramsOf } from './params.ts';
import { Program } from './program.ts';
import { Buf, Cell, type FdNumber, type IntArg } from './values.ts';

/** What may be said of a call beside its arguments. */
export interface CallOptions<K extends ResultKind = ResultKind> extends Reason {
  /** What to do on which error; an error that is not named ends the program with a report. */
  readonly on?: ErrorActions;
  /** Where to go on after success. */
  readonly next?: Label;
  /** What a printed program calls the result. */
  readonly as?: string;
  /** An existing place for the result: a field of a structure that a later call reads. */
  readonly into?: Cell<K>;
}

const noActions: ErrorActions = {};
const allBits = 2n ** 64n - 1n;
const zero: Operand = { kind: 'immediate', value: 0 };

/**
 * Writes a program: one method for a system call, few for control flow, few for memory. Nothing is executed.
 *
 * ```ts
 * const b = new ProgramBuilder();
 * const root = b.call('openat2', { dirfd: AT_FDCWD, pathname: '/srv/root', how: { flags: ['O_PATH'] } });
 * b.call('fchdir', { fd: root }, { what: 'enter the root file system', field: 'rootfs' });
 * const program = b.build();
 * ```
 */
export class ProgramBuilder {
  /** The architecture that the program is for. */
  readonly arch: Arch;
  readonly #data: DataSegment;
  readonly #instructions: Instruction[] = [];
  #reason: Reason = {};
  #labels = 0;

  constructor(arch: Arch = hostArch()) {
    this.arch = arch;
    this.#data = new DataSegment(arch);
  }

  /** Number of instructions so far, which is the index of the next. */
  get length(): number {
    return this.#instructions.length;
  }

  /** Gives every instruction that `body` writes this reason, where it names none of its own. */
  because<T>(reason: Reason, body: () => T): T {
    const outer = this.#reason;
    this.#reason = { ...outer, ...reason };
    try {
      return body();
    } finally {
      this.#reason = outer;
    }
  }

  /** Makes a system call. The result can be used by later calls. */
  call<N extends SyscallName>(
    name: N,
    args: SyscallArgs<N>,
    options: CallOptions<ResultOf<N>> = {},
  ): Cell<ResultOf<N>> {
    const params = paramsOf(name);
    const given = args as Readonly<Record<string, unknown>>;
    const operands: Operand[] = [];
    for (let index = 0; index < params.length; index++)
      operands.push(this.#operand(params[index]!, given[params[index]!.name], operands, params, given));
    const result = options.into ?? new Cell<ResultOf<N>>(8, options.as ?? `#${this.#instructions.length}`);
    const { arch } = this;
    this.#instructions.push({
      op: 'call',
      name,
      operands,
      render: () => params.map((param) => renderArg(param.kind, given[param.name], given, arch)),
      result,
      on: options.on ?? noActions,
      next: options.next,
      ...this.#because(options),
    });
    return result;
  }

  /** Makes a label; {@link place} says where it is. */
  label(name = `L${this.#labels}`): Label {
    this.#labels++;
    return new Label(name);
  }

  /** Puts a label before the next instruction. */
  place(label: Label): void {
    if (label.index !== undefined) throw new Error(`label ${label.name} is placed twice`);
    label.index = this.#instructions.length;
  }

  /** Jumps when the comparison holds; values are unsigned 64-bit numbers, masked first. */
  branch(
    value: Cell,
    comparison: Comparison,
    against: number | bigint,
    next: Label,
    options: Reason & { readonly mask?: number | bigint } = {},
  ): void {
    this.#instructions.push({
      op: 'branch',
      value: this.#load(value),
      mask: options.mask === undefined ? allBits : BigInt.asUintN(64, BigInt(options.mask)),
      comparison,
      against,
      next,
      ...this.#because(options),
    });
  }

  /** Jumps always. */
  jump(next: Label, reason: Reason = {}): void {
    this.#instructions.push({ op: 'jump', next, ...this.#because(reason) });
  }

  /** Copies a value into a cell. */
  assign(result: Cell, value: IntArg | Cell, reason: Reason = {}): void {
    const operand: Operand = value instanceof Cell ? this.#load(value) : { kind: 'immediate', value };
    this.#data.place(result);
    this.#instructions.push({ op: 'assign', value: operand, result, ...this.#because(reason) });
  }

  /**
   * Ends the program with a report. Without `errno` the report is that of the last call whose error made a jump.
   * `detail` is memory whose content goes with it (up to 512 bytes), `value` a number.
   */
  fail(options: Reason & { readonly errno?: number; readonly value?: IntArg; readonly detail?: Buf } = {}): void {
    const value = options.value ?? 0;
    this.#instructions.push({
      op: 'fail',
      errno: { kind: 'immediate', value: options.errno ?? 0 },
      value: value instanceof Cell ? this.#load(value) : { kind: 'immediate', value },
      detail: options.detail && { offset: options.detail.offset, size: options.detail.size },
      ...this.#because(options),
    });
  }

  /** A value that instructions assign and read, 0 at first. */
  variable<K extends ResultKind = 'int'>(name: string): Cell<K> {
    const cell = new Cell<K>(8, name);
    this.#data.place(cell);
    return cell;
  }

  /** Memory for the kernel to write to, zeroed. */
  zeros(size: number, text: string): Buf {
    return this.#data.zeros(size, text);
  }

  /** Memory for one structure that the kernel fills in. */
  out(struct: StructName): Buf {
    return this.#data.zeros(sizeOf(struct), struct);
  }

  /** A copy of some bytes. */
  bytes(value: Uint8Array, text?: string): Buf {
    return this.#data.bytes(value, text);
  }

  /** A string in memory, for a pointer field of a structure. */
  string(value: string): Buf {
    return this.#data.string(value);
  }

  /** A structure in memory, for a pointer field of another or to be patched while the program runs. */
  struct<S extends StructName>(name: S, value: StructInput<S, Buf>): Buf {
    return this.#data.struct(name, value);
  }

  /** Structures in a row. */
  structs<S extends StructName>(name: S, values: readonly StructInput<S, Buf>[]): Buf {
    return this.#data.structs(name, values);
  }

  /** Finishes the program; every label that is used must have been placed. */
  build(): Program {
    return new Program(this.arch, [...this.#instructions], this.#data);
  }

  #because(own: Reason): Reason {
    return { what: own.what ?? this.#reason.what, field: own.field ?? this.#reason.field };
  }

  #load(cell: Cell): Operand {
    this.#data.place(cell);
    return { kind: 'load', cell };
  }

  #operand(
    { head, tail, of }: Param,
    value: unknown,
    before: readonly Operand[],
    params: readonly Param[],
    given: Readonly<Record<string, unknown>>,
  ): Operand {
    if (value instanceof Cell) return this.#load(value);
    switch (head) {
      case 'fd':
        return { kind: 'immediate', value: (value as FdNumber).fd };
      case 'pid':
      case 'int':
      case 'mode':
        return { kind: 'immediate', value: value as number | bigint };
      case 'int=':
      case 'mode=':
        return { kind: 'immediate', value: (value as number | bigint | undefined) ?? 0 };
      case 'flags':
        return {
          kind: 'immediate',
          value: flagsValue(tail as ConstantTable, value as Flags<ConstantTable>, this.arch),
        };
      case 'enum':
        return { kind: 'immediate', value: constant(tail as ConstantTable, value as never, this.arch) };
      case 'zero':
        return zero;
      case 'sizeof':
      case 'lengthof': {
        const memory = before[of];
        return { kind: 'immediate', value: memory?.kind === 'address' ? memory.size : 0 };
      }
      case 'countof':
        return { kind: 'immediate', value: (given[params[of]!.name] as readonly unknown[]).length };
      default: {
        if (value === null) return zero;
        if (head === 'buf|int' && !(value instanceof Buf))
          return { kind: 'immediate', value: value as number | bigint };
        const { offset, size } = this.#memory(head, tail, value);
        return { kind: 'address', offset, size };
      }
    }
  }

  #memory(head: string, struct: string, value: unknown): Buf {
    if (value instanceof Buf) return value;
    if (head === 'path' || head === 'path?') return this.#data.string(value as string);
    if (head === 'struct' || head === 'struct?')
      return this.#data.struct(struct as StructName, value as StructInput<StructName, Buf>);
    if (head === 'strv') return this.#data.strings(value as readonly string[]);
    if (head === 'gids') return this.#data.uint32s(value as readonly number[]);
    throw new TypeError(`${head} takes memory of the program`);
  }
}

/** One argument as strace would write it. */
export function renderArg(kind: string, value: unknown, given: Readonly<Record<string, unknown>>, arch: Arch): string {
  if (value instanceof Cell) return value.name;
  if (value instanceof Buf || value instanceof Uint8Array) return formatMemory(value);
  const [head, tail = ''] = kind.split(' ') as [string, string?];
  switch (head) {
    case 'fd': {
      const fd = value as FdNumber & { readonly name?: string };
      return fd.fd === -100 ? 'AT_FDCWD' : fd.name === undefined ? String(fd.fd) : `${fd.fd}<${fd.name}>`;
    }
    case 'mode':
    case 'mode=':
      return octal((value as number | bigint | undefined) ?? 0);
    case 'flags':
      return formatFlags(
        tail as ConstantTable,
        flagsValue(tail as ConstantTable, value as Flags<ConstantTable>, arch),
        arch,
      );
    case 'enum':
      return String(value);
    case 'zero':
      return 'NULL';
    case 'sizeof': {
      const sized = given[tail];
      return String(sized instanceof Buf ? sized.size : sizeOf(sizedStructs[tail]!));
    }
    case 'lengthof':
      return String(lengthOf(given[tail]));
    case 'countof':
      return String((given[tail] as readonly unknown[]).length);
    default:
      if (value === null) return 'NULL';
      if (value === undefined) return '0';
      if (head === 'struct' || head === 'struct?')
        return formatStruct(tail as StructName, value as Readonly<Record<string, unknown>>, arch);
      if (typeof value === 'string') return JSON.stringify(value);
      if (Array.isArray(value)) return `[${value.map((element) => JSON.stringify(element)).join(', ')}]`;
      return (value as number | bigint).toString();
  }
}

const sizedStructs: Readonly<Record<string, StructName>> = {
  how: 'open_how',
  cl_args: 'clone_args',
  attr: 'mount_attr',
};

function lengthOf(value: unknown): number {
  if (value instanceof Buf) return value.size;
  if (typeof value === 'string') return Buffer.byteLength(value);
  return (value as Uint8Array).length;
}

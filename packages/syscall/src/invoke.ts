import { forArch, hostArch } from './abi/arch.ts';
import type { ConstantTable, Flags } from './abi/constants.ts';
import { constant, flagsValue } from './abi/flags.ts';
import { encodeStruct, sizeOf } from './abi/layout.ts';
import { syscallNumbers } from './abi/numbers.ts';
import { type SyscallName, signatures } from './abi/signatures.ts';
import type { StructInput, StructName } from './abi/structs.ts';
import { SyscallError } from './errors.ts';
import { addressOf, rawSyscall } from './libc.ts';
import type { SyscallArgs } from './program/args.ts';
import { renderArg } from './program/builder.ts';

/**
 * Makes one system call in this thread, at once. Memory that the kernel fills in is given as a Uint8Array.
 *
 * @returns the result.
 * @throws {SyscallError} with the arguments rendered.
 */
export function invoke<N extends SyscallName>(name: N, args: SyscallArgs<N, Uint8Array>): number {
  const result = tryInvoke(name, args);
  if (result < 0) throw syscallError(name, args, -result);
  return result;
}

/** Like {@link invoke}, with the negated error number for a failure: for callers that expect one. */
export function tryInvoke<N extends SyscallName>(name: N, args: SyscallArgs<N, Uint8Array>): number {
  const arch = hostArch();
  const params: Readonly<Record<string, string>> = signatures[name].args;
  const given = args as Readonly<Record<string, unknown>>;
  const memory: Record<string, Uint8Array> = {};
  const operands: (number | bigint)[] = [];
  for (const param in params) operands.push(operand(params[param]!, given, param, memory));
  return rawSyscall(forArch(syscallNumbers[name], arch), operands);
}

/** The error that a failed call is told with. */
export function syscallError<N extends SyscallName>(
  name: N,
  args: SyscallArgs<N, Uint8Array>,
  errno: number,
): SyscallError {
  const params: Readonly<Record<string, string>> = signatures[name].args;
  const given = args as Readonly<Record<string, unknown>>;
  const rendered = Object.entries(params).map(([param, kind]) => renderArg(kind, given[param], given, hostArch()));
  return new SyscallError(name, errno, rendered);
}

function operand(
  kind: string,
  given: Readonly<Record<string, unknown>>,
  param: string,
  memory: Record<string, Uint8Array>,
): number | bigint {
  const value = given[param];
  const [head, tail = ''] = kind.split(' ') as [string, string?];
  switch (head) {
    case 'fd':
      return (value as { fd: number }).fd;
    case 'pid':
    case 'int':
    case 'mode':
      return value as number | bigint;
    case 'int=':
    case 'mode=':
      return (value as number | bigint | undefined) ?? 0;
    case 'flags':
      return flagsValue(tail as ConstantTable, value as Flags<ConstantTable>);
    case 'enum':
      return constant(tail as ConstantTable, value as never);
    case 'zero':
      return 0;
    case 'sizeof':
      return memory[tail]!.length;
    case 'lengthof':
      return typeof given[tail] === 'string' ? memory[tail]!.length - 1 : memory[tail]!.length;
    case 'countof':
      return (given[tail] as readonly unknown[]).length;
    default: {
      if (value === null) return 0;
      if (head === 'buf|int' && !(value instanceof Uint8Array)) return value as number | bigint;
      const bytes = toBytes(head, tail, value);
      memory[param] = bytes;
      return addressOf(bytes);
    }
  }
}

function toBytes(head: string, struct: string, value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') {
    if (value.includes('\0')) throw new TypeError(`${JSON.stringify(value)} holds a NUL byte`);
    return Buffer.from(`${value}\0`);
  }
  if (head === 'gids') return new Uint8Array(Uint32Array.from(value as readonly number[]).buffer);
  if (head === 'strv') throw new TypeError('argument vectors exist in programs only');
  const bytes = new Uint8Array(sizeOf(struct as StructName));
  encodeStruct(
    struct as StructName,
    value as StructInput<StructName, Uint8Array>,
    new DataView(bytes.buffer),
    0,
    hostArch(),
    (at, target: Uint8Array) => {
      new DataView(bytes.buffer).setBigUint64(at, addressOf(target), true);
    },
  );
  return bytes;
}

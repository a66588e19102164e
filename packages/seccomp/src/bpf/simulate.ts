import { type BpfInstruction, DATA_SIZE, MAX_INSTRUCTIONS } from './instruction.ts';

/** What the kernel shows to a filter. linux/seccomp.h struct seccomp_data */
export interface SeccompData {
  /** Number of the call, with the bit of x32. */
  readonly nr: number;
  /** AUDIT_ARCH_*. */
  readonly arch: number;
  /** undefined: 0. */
  readonly instructionPointer?: number | bigint;
  /** Up to six arguments, taken modulo 2^64; those left out are 0. */
  readonly args?: readonly (number | bigint)[];
}

/** What came of a run. */
export interface Simulation {
  /** What the program returns: an encoded action. */
  readonly value: number;
  /** Places of the executed instructions, in order. */
  readonly path: readonly number[];
}

/** The 64 bytes of the kernel's structure. */
export function encodeData(data: SeccompData): DataView {
  const view = new DataView(new ArrayBuffer(DATA_SIZE));
  view.setUint32(0, data.nr, true);
  view.setUint32(4, data.arch, true);
  view.setBigUint64(8, BigInt.asUintN(64, BigInt(data.instructionPointer ?? 0)), true);
  data.args?.slice(0, 6).forEach((arg, index) => {
    view.setBigUint64(16 + index * 8, BigInt.asUintN(64, BigInt(arg)), true);
  });
  return view;
}

/**
 * Runs a classic BPF program as the kernel would on a system call: every instruction that seccomp permits.
 *
 * @throws {RangeError} for a program that the kernel would not load.
 */
export function simulate(program: readonly BpfInstruction[], data: SeccompData): Simulation {
  checkProgram(program);
  const path: number[] = [];
  const value = runBpf(program, encodeData(data), path);
  return { value, path };
}

/**
 * As {@link simulate} without its checks, for many runs of a program that is known to be sound.
 *
 * @param path gets the places of the executed instructions.
 */
export function runBpf(program: readonly BpfInstruction[], data: DataView, path?: number[]): number {
  const memory = new Uint32Array(16);
  let a = 0;
  let x = 0;
  for (let pc = 0; ; pc++) {
    const { code, jt, jf, k } = program[pc]!;
    path?.push(pc);
    switch (code) {
      case 0x20: // LD W ABS
        a = data.getUint32(k, true);
        break;
      case 0x00: // LD IMM
        a = k;
        break;
      case 0x60: // LD MEM
        a = memory[k]!;
        break;
      case 0x80: // LD LEN
        a = DATA_SIZE;
        break;
      case 0x01: // LDX IMM
        x = k;
        break;
      case 0x61: // LDX MEM
        x = memory[k]!;
        break;
      case 0x81: // LDX LEN
        x = DATA_SIZE;
        break;
      case 0x02: // ST
        memory[k] = a;
        break;
      case 0x03: // STX
        memory[k] = x;
        break;
      case 0x07: // TAX
        x = a;
        break;
      case 0x87: // TXA
        a = x;
        break;
      case 0x06: // RET K
        return k;
      case 0x16: // RET A
        return a;
      case 0x05: // JA
        pc += k;
        break;
      default: {
        const operand = code & 0x08 ? x : k;
        if ((code & 0x07) === 0x05) {
          pc += compare(code & 0xf0, a, operand) ? jt : jf;
        } else {
          // A division by what X happens to be ends a program with 0, as an error.
          if ((code & 0xf0) === 0x30 && operand === 0) return 0;
          a = compute(code & 0xf0, a, operand);
        }
      }
    }
  }
}

function compare(operation: number, a: number, operand: number): boolean {
  if (operation === 0x10) return a === operand;
  if (operation === 0x20) return a > operand;
  return operation === 0x30 ? a >= operand : (a & operand) !== 0;
}

function compute(operation: number, a: number, operand: number): number {
  switch (operation) {
    case 0x00:
      return (a + operand) >>> 0;
    case 0x10:
      return (a - operand) >>> 0;
    case 0x20:
      return Math.imul(a, operand) >>> 0;
    case 0x30:
      return Math.floor(a / operand);
    case 0x40:
      return (a | operand) >>> 0;
    case 0x50:
      return (a & operand) >>> 0;
    case 0x60:
      return operand > 31 ? 0 : (a << operand) >>> 0;
    case 0x70:
      return operand > 31 ? 0 : a >>> operand;
    case 0xa0:
      return (a ^ operand) >>> 0;
    default:
      return -a >>> 0;
  }
}

/** kernel/seccomp.c seccomp_check_filter(): all codes that it lets pass. */
const permitted: ReadonlySet<number> = new Set([
  ...[0x20, 0x00, 0x60, 0x80, 0x01, 0x61, 0x81, 0x02, 0x03, 0x07, 0x87, 0x06, 0x16, 0x05],
  ...[0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x64, 0x6c, 0x74, 0x7c, 0xa4, 0xac, 0x84],
  ...[0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d],
]);

const scratch: ReadonlySet<number> = new Set([0x60, 0x61, 0x02, 0x03]);

/**
 * The kernel's own checks of a filter: length, codes, places of loads and jumps, and a return at the end.
 *
 * @throws {RangeError} saying which instruction is at fault.
 */
export function checkProgram(program: readonly BpfInstruction[]): void {
  const { length } = program;
  if (length === 0 || length > MAX_INSTRUCTIONS)
    throw new RangeError(`the program has ${length} instructions, not between 1 and ${MAX_INSTRUCTIONS}`);
  program.forEach(({ code, jt, jf, k }, index) => {
    const fault = (what: string) => new RangeError(`instruction ${index}: ${what}`);
    if (!permitted.has(code)) throw fault(`code 0x${code.toString(16)} is not for filters of system calls`);
    if (code === 0x20 && (k % 4 !== 0 || k >= DATA_SIZE)) throw fault(`there is no word at byte ${k}`);
    if (scratch.has(code) && k > 15) throw fault(`there is no memory cell ${k}`);
    if (code === 0x34 && k === 0) throw fault('division by zero');
    if ((code === 0x64 || code === 0x74) && k > 31) throw fault(`shift by ${k}`);
    const furthest = code === 0x05 ? k : (code & 0x07) === 0x05 ? Math.max(jt, jf) : 0;
    if (index + 1 + furthest >= length && (code & 0x07) !== 0x06) throw fault('it leads out of the program');
  });
}

/** One instruction of classic BPF. linux/filter.h struct sock_filter */
export interface BpfInstruction {
  readonly code: number;
  /** Instructions to skip when the comparison holds, 0 to 255. */
  readonly jt: number;
  /** Instructions to skip when it does not, 0 to 255. */
  readonly jf: number;
  /** Operand, 0 to 2^32 - 1. */
  readonly k: number;
}

/** linux/bpf_common.h: the codes that a compiled filter consists of. */
export const BPF = {
  /** BPF_LD | BPF_W | BPF_ABS: A = the 32-bit word at byte k of the call's data. */
  load: 0x20,
  /** BPF_ALU | BPF_AND | BPF_K */
  and: 0x54,
  /** BPF_JMP | BPF_JA */
  jump: 0x05,
  /** BPF_JMP | BPF_JEQ | BPF_K */
  jumpEqual: 0x15,
  /** BPF_JMP | BPF_JGT | BPF_K */
  jumpGreater: 0x25,
  /** BPF_JMP | BPF_JGE | BPF_K */
  jumpGreaterEqual: 0x35,
  /** BPF_JMP | BPF_JSET | BPF_K */
  jumpSet: 0x45,
  /** BPF_RET | BPF_K */
  return: 0x06,
} as const;

/** Most instructions that a filter can have. linux/bpf_common.h BPF_MAXINSNS */
export const MAX_INSTRUCTIONS = 4096;

/** Size of struct seccomp_data: nr, arch, instruction_pointer, args[6]. linux/seccomp.h */
export const DATA_SIZE = 64;

/** Where the words of struct seccomp_data lie. Both architectures are little endian. */
export const dataOffset = {
  nr: 0,
  arch: 4,
  instructionPointer: 8,
  low: (argument: number) => 16 + argument * 8,
  high: (argument: number) => 20 + argument * 8,
} as const;

/** The bytes of a program: eight for each instruction, little endian. */
export function encodeBpf(program: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jt);
    view.setUint8(index * 8 + 3, jf);
    view.setUint32(index * 8 + 4, k, true);
  });
  return bytes;
}

/**
 * A program from its bytes, as seccomp_export_bpf(3) and PTRACE_SECCOMP_GET_FILTER give them.
 *
 * @throws {RangeError} when the bytes do not make whole instructions.
 */
export function decodeBpf(bytes: Uint8Array): readonly BpfInstruction[] {
  if (bytes.length % 8 !== 0) throw new RangeError(`${bytes.length} bytes are not a multiple of 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, index) => ({
    code: view.getUint16(index * 8, true),
    jt: view.getUint8(index * 8 + 2),
    jf: view.getUint8(index * 8 + 3),
    k: view.getUint32(index * 8 + 4, true),
  }));
}

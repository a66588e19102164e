/** One instruction of eBPF: struct bpf_insn of linux/bpf.h, Documentation/bpf/standardization/instruction-set.rst */
export interface BpfInstruction {
  readonly opcode: number;
  /** Register written to, 0 to 10. */
  readonly dst: number;
  /** Register read from, 0 to 10. */
  readonly src: number;
  /** Of a jump: instructions to skip; of a load: bytes. Signed 16 bits. */
  readonly offset: number;
  /** Signed 32 bits. */
  readonly imm: number;
}

/** Those of the opcodes that the programs here use. */
export const opcodes = {
  /** dst = *(u32 *)(src + offset) */
  loadWord: 0x61,
  /** dst = src, the low 32 bits */
  moveRegister: 0xbc,
  /** dst = imm, the low 32 bits */
  moveImmediate: 0xb4,
  /** dst &= imm, the low 32 bits */
  andImmediate: 0x54,
  /** dst >>= imm, the low 32 bits */
  shiftRightImmediate: 0x74,
  /** if the low 32 bits of dst are imm, skip */
  jumpIfEqual: 0x16,
  /** if the low 32 bits of dst are not imm, skip */
  jumpIfNotEqual: 0x56,
  /** end with r0 */
  exit: 0x95,
} as const;

/** The bytes that the kernel takes, 8 an instruction. */
export function encodeBpf(program: readonly BpfInstruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ opcode, dst, src, offset, imm }, index) => {
    const at = index * 8;
    view.setUint8(at, opcode);
    view.setUint8(at + 1, dst | (src << 4));
    view.setInt16(at + 2, offset, true);
    view.setInt32(at + 4, imm, true);
  });
  return bytes;
}

/**
 * The bytes of a program as nsexec reads them; native/nsexec.c declares the same. All numbers are little endian.
 *
 * ```text
 * header       64 bytes
 * instruction  80 bytes each
 * data         at data_offset, data_size bytes, 16-byte aligned
 * ```
 */
export const format = {
  /** `NSEX` */
  magic: 0x5845534e,
  version: 1,
  header: {
    size: 64,
    magic: 0,
    version: 4,
    /** EM_X86_64 or EM_AARCH64 of elf.h */
    machine: 8,
    instructions: 12,
    dataOffset: 16,
    dataSize: 20,
    /** Descriptor for error reports, -1 for none. */
    reportFd: 24,
    totalSize: 28,
    /** Written by nsexec when a step fails, see {@link format.failure}; zero before. */
    failure: 32,
  },
  /** In the header: what a report says, for a reader to whom a filter of system calls lets no report through. */
  failure: {
    size: 24,
    /** `NSER` when all the rest is there. */
    magic: 0,
    instruction: 4,
    errno: 8,
    value: 16,
  },
  instruction: {
    size: 80,
    /** System call number, or an opcode of {@link opcodes}. */
    nr: 0,
    /** Four bits for each of six arguments, see {@link operandKinds}; bit 24: the result is four bytes. */
    kinds: 4,
    args: 8,
    /** Place of the result in the data, or {@link noPlace}. */
    result: 56,
    /** Index of the next instruction after success, or {@link noPlace}. */
    next: 60,
    /** Four pairs of errno (u16; {@link anyErrno}, 0 for none) and target (u16; the own index means: again). */
    handlers: 64,
  },
  machines: { x64: 62, arm64: 183 },
  noPlace: 0xffffffff,
  anyErrno: 0xffff,
  maxInstructions: 0xfffe,
  /** Where nsexec maps the program; its data's addresses follow from it. */
  base: 0x2000000000n,
  /** Size at most, in bytes. */
  maxSize: 16 * 1024 * 1024,
} as const;

/** What an argument's 64 bits mean. */
export const operandKinds = { immediate: 0, address: 1, load64: 2, loadS32: 3, loadU32: 4 } as const;

/** Instructions that are not system calls. */
export const opcodes = { jump: 0xf0000000, branch: 0xf0000001, assign: 0xf0000002, fail: 0xf0000003 } as const;

/** Third argument of a branch. */
export const comparisons = { '==': 0, '!=': 1, '<': 2, '>=': 3 } as const;

/** How nsexec ends when a program does not get to its own end. */
export const exitCodes = {
  /** The program was refused: bad magic, bounds, targets, count. */
  badProgram: 252,
  /** The program could not be read or mapped. */
  noProgram: 253,
  /** A step failed; the report says which. */
  failed: 254,
} as const;

/** How often a call is made again for the action `retry` before its error counts. */
export const maxRetries = 128;

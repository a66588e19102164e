/** A file that begins as an ELF file does but is none that the kernel would run. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
}

/** Reads up to `length` bytes at an offset; fewer at the end of the file. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/** What decides whether and by what an ELF file can be run. elf(5) */
export interface Elf {
  /** Word size in bits. */
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** e_type: 1 object, 2 executable, 3 shared object or position independent executable, 4 core. */
  readonly type: number;
  /** e_machine, see {@link machineName}. */
  readonly machine: number;
  /** The dynamic loader that PT_INTERP names; undefined for a static program. */
  readonly interpreter: string | undefined;
}

const magic = 0x7f454c46;
const PT_INTERP = 3;
const PATH_MAX = 4096;

/** Where the fields are: 32-bit and 64-bit headers differ. */
const layouts = {
  32: { header: 52, phoff: 28, phentsize: 42, phnum: 44, entry: 32, offset: 4, filesz: 16 },
  64: { header: 64, phoff: 32, phentsize: 54, phnum: 56, entry: 56, offset: 8, filesz: 32 },
} as const;

/** Whether the first bytes are those of an ELF file. */
export function isElf(head: Uint8Array): boolean {
  return head.length >= 4 && viewOf(head).getUint32(0) === magic;
}

/**
 * Reads the header and PT_INTERP, with the checks of the kernel's binfmt_elf.
 *
 * @throws {ElfError} for anything that is damaged, and nothing else.
 */
export function parseElf(read: ReadAt): Elf {
  const ident = exactly(read, 0, 16, 'its identification');
  if (!isElf(ident)) throw new ElfError('it does not begin as an ELF file');
  const bits = ident[4] === 1 ? 32 : ident[4] === 2 ? 64 : undefined;
  if (bits === undefined) throw new ElfError(`its class ${ident[4]} is neither 32 nor 64 bits`);
  if (ident[5] !== 1 && ident[5] !== 2) throw new ElfError(`its byte order ${ident[5]} is not known`);
  const littleEndian = ident[5] === 1;
  const layout = layouts[bits];
  const header = viewOf(exactly(read, 0, layout.header, 'its header'));
  const base = {
    bits,
    littleEndian,
    type: header.getUint16(16, littleEndian),
    machine: header.getUint16(18, littleEndian),
  } as const;
  const count = header.getUint16(layout.phnum, littleEndian);
  if (count === 0) return { ...base, interpreter: undefined };
  const size = header.getUint16(layout.phentsize, littleEndian);
  if (size !== layout.entry) throw new ElfError(`its program headers have ${size} bytes in place of ${layout.entry}`);
  const start = word(header, layout.phoff, bits, littleEndian);
  const table = viewOf(exactly(read, start, count * size, 'its program headers'));
  for (let at = 0; at < count * size; at += size) {
    if (table.getUint32(at, littleEndian) !== PT_INTERP) continue;
    const offset = word(table, at + layout.offset, bits, littleEndian);
    const length = word(table, at + layout.filesz, bits, littleEndian);
    return { ...base, interpreter: interpreterAt(read, offset, length) };
  }
  return { ...base, interpreter: undefined };
}

function interpreterAt(read: ReadAt, offset: number, length: number): string {
  if (length < 2 || length > PATH_MAX) throw new ElfError(`the name of its loader has ${length} bytes`);
  const bytes = exactly(read, offset, length, 'the name of its loader');
  if (bytes[length - 1] !== 0) throw new ElfError('the name of its loader has no end');
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

function word(view: DataView, at: number, bits: 32 | 64, littleEndian: boolean): number {
  return bits === 32 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian));
}

function exactly(read: ReadAt, offset: number, length: number, what: string): Uint8Array {
  if (!Number.isSafeInteger(offset + length)) throw new ElfError(`${what} cannot be where the file says`);
  const bytes = read(offset, length);
  if (bytes.length < length) throw new ElfError(`it is cut off before the end of ${what}`);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

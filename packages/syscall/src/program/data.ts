import type { Arch } from '../abi/arch.ts';
import { encodeStruct, sizeOf } from '../abi/layout.ts';
import type { StructInput, StructName } from '../abi/structs.ts';
import { Buf, type Cell } from './values.ts';

const utf8 = new TextEncoder();

/**
 * The data of a program: strings, structures, argument vectors, and room for what the kernel writes. Pointers inside
 * are kept as relocations until the address of the data is known.
 */
export class DataSegment {
  readonly #arch: Arch;
  readonly #strings = new Map<string, Buf>();
  readonly #pointers: { at: number; target: number }[] = [];
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  constructor(arch: Arch) {
    this.#arch = arch;
  }

  /** Bytes in use. */
  get size(): number {
    return this.#size;
  }

  /** The places that hold addresses of other places. */
  get pointers(): readonly { readonly at: number; readonly target: number }[] {
    return this.#pointers;
  }

  /** Room for the kernel to write to, zeroed. */
  zeros(size: number, text: string, align = 8): Buf {
    return new Buf(this.#reserve(size, align), size, text);
  }

  /** A copy of the bytes. */
  bytes(value: Uint8Array, text = `[${value.length} bytes]`): Buf {
    const offset = this.#reserve(value.length, 8);
    this.#bytes.set(value, offset);
    return new Buf(offset, value.length, text);
  }

  /**
   * A NUL-terminated string, kept once however often it is used.
   *
   * @throws {TypeError} when it holds a NUL itself: the kernel would see only its beginning.
   */
  string(value: string): Buf {
    const known = this.#strings.get(value);
    if (known) return known;
    if (value.includes('\0')) throw new TypeError(`${JSON.stringify(value)} holds a NUL byte`);
    this.#grow(this.#size + value.length * 3 + 1);
    const { written } = utf8.encodeInto(value, this.#bytes.subarray(this.#size));
    const offset = this.#reserve(written + 1, 1);
    const buf = new Buf(offset, written, value, true);
    this.#strings.set(value, buf);
    return buf;
  }

  /** A structure; its pointer fields take places of this data. */
  struct<S extends StructName>(name: S, value: StructInput<S, Buf>): Buf {
    const size = sizeOf(name);
    const offset = this.#reserve(size, 8);
    encodeStruct(name, value, this.#view, offset, this.#arch, (at, target: Buf) => this.#pointer(at, target.offset));
    return new Buf(offset, size, name);
  }

  /** Several structures in a row. */
  structs<S extends StructName>(name: S, values: readonly StructInput<S, Buf>[]): Buf {
    const size = sizeOf(name);
    const offset = this.#reserve(size * values.length, 8);
    values.forEach((value, index) => {
      encodeStruct(name, value, this.#view, offset + index * size, this.#arch, (at, target: Buf) =>
        this.#pointer(at, target.offset),
      );
    });
    return new Buf(offset, size * values.length, `${name}[${values.length}]`);
  }

  /** Pointers to strings, ended by a null pointer: argv and envp of execve(2). */
  strings(values: readonly string[]): Buf {
    const targets = values.map((value) => this.string(value).offset);
    const offset = this.#reserve((values.length + 1) * 8, 8);
    targets.forEach((target, index) => {
      this.#pointer(offset + index * 8, target);
    });
    return new Buf(offset, (values.length + 1) * 8, values, true);
  }

  /** 32-bit numbers in a row: the groups of setgroups(2). */
  uint32s(values: readonly number[]): Buf {
    const offset = this.#reserve(values.length * 4, 4);
    values.forEach((value, index) => {
      this.#view.setUint32(offset + index * 4, value, true);
    });
    return new Buf(offset, values.length * 4, `[${values.join(', ')}]`);
  }

  /** Gives a cell its place. */
  place(cell: Cell): number {
    cell.offset ??= this.#reserve(8, 8);
    return cell.offset;
  }

  /** The finished bytes with every pointer relative to `base`. */
  encode(target: Uint8Array, base: bigint): void {
    target.set(this.#bytes.subarray(0, this.#size));
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    for (const pointer of this.#pointers) view.setBigUint64(pointer.at, base + BigInt(pointer.target), true);
  }

  #pointer(at: number, target: number): void {
    this.#pointers.push({ at, target });
  }

  #reserve(size: number, align: number): number {
    const offset = Math.ceil(this.#size / align) * align;
    this.#grow(offset + size);
    this.#size = offset + size;
    return offset;
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

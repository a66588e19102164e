import { NetlinkDecodeError } from '../errors.ts';

/** Attributes and messages begin at multiples of this many bytes (NLA_ALIGNTO, NLMSG_ALIGNTO). */
const ALIGN = 4;

/** Rounds up to where the next attribute or message begins. */
export function align(length: number): number {
  return (length + ALIGN - 1) & -ALIGN;
}

/** Received bytes. Values are read between two offsets; whatever lies outside of them is an error, never a guess. */
export class Bytes {
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.view.byteLength;
  }

  /** Throws unless `size` bytes lie between the offsets. */
  need(at: number, end: number, size: number, what: string): void {
    if (end > this.view.byteLength || at + size > end)
      throw new NetlinkDecodeError(
        `${what} at offset ${at} needs ${size} bytes, and ${Math.max(0, end - at)} are left`,
      );
  }

  /** The bytes themselves, shared with the buffer. */
  window(at: number, end: number): Uint8Array {
    this.need(at, end, 0, 'a value');
    return new Uint8Array(this.view.buffer, this.view.byteOffset + at, end - at);
  }

  /** A copy of the bytes, which outlives the buffer. */
  copy(at: number, end: number): Uint8Array {
    return this.window(at, end).slice();
  }
}

/** Bytes to be sent, which grow as they are written. Numbers are little endian as all hosts of ours are. */
export class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Forgets what was written and begins anew in the same memory. */
  reset(): void {
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** Makes room for zeroed bytes and returns where they begin. */
  reserve(size: number): number {
    const at = this.#length;
    const needed = at + size;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return at;
  }

  /** The view that reserved bytes are written through; it is valid until the next {@link reserve}. */
  get view(): DataView {
    return this.#view;
  }

  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Zeroes up to the next multiple of four. */
  pad(): void {
    this.reserve(align(this.#length) - this.#length);
  }

  /** What was written; shares memory with the writer. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}

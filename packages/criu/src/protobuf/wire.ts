/** How a field's value lies in a message. https://protobuf.dev/programming-guides/encoding/ */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** Appends values to a growing piece of memory. */
export class Writer {
  #bytes = Buffer.alloc(256);
  #length = 0;

  /** What was written so far. */
  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(0, this.#length));
  }

  /** A varint of up to 64 bits; a negative one is written as its two's complement, in ten bytes. */
  varint(value: number | bigint): void {
    this.#reserve(10);
    if (typeof value === 'number' && value >= 0 && value <= 0xffffffff) {
      let rest = value;
      for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 0x80;
      this.#bytes[this.#length++] = rest;
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#length++] = Number(rest);
  }

  tag(id: number, wireType: number): void {
    this.varint(id * 8 + wireType);
  }

  /** The bytes and nothing before them. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** The bytes behind their length. */
  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, this.#length + size));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}

/** Takes values from a message; what does not fit in it is an error and never read. */
export class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  get position(): number {
    return this.#at;
  }

  /** What lies between a position and the current one. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#at);
  }

  /** @throws {RangeError} when the message ends inside, or after more than ten bytes. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError(`the message ends inside a number, at byte ${this.#bytes.length}`);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError(`a number before byte ${this.#at} has more than ten bytes`);
  }

  tag(): { readonly id: number; readonly wireType: number } {
    const tag = this.varint();
    const id = Number(tag >> 3n);
    if (id < 1 || id > 0x1fffffff) throw new RangeError(`${id} before byte ${this.#at} is not a field number`);
    return { id, wireType: Number(tag & 7n) };
  }

  /** @throws {RangeError} when the message is shorter than the length says. */
  bytes(): Uint8Array {
    const length = this.varint();
    if (length > BigInt(this.#bytes.length - this.#at))
      throw new RangeError(`${length} bytes at byte ${this.#at} do not fit in a message of ${this.#bytes.length}`);
    const start = this.#at;
    this.#at += Number(length);
    return this.#bytes.subarray(start, this.#at);
  }

  /** Goes past a value of the field whose tag was just read. */
  skip(id: number, wireType: number): void {
    switch (wireType) {
      case wireTypes.varint:
        this.varint();
        return;
      case wireTypes.bytes:
        this.bytes();
        return;
      case wireTypes.fixed64:
        this.#advance(8);
        return;
      case wireTypes.fixed32:
        this.#advance(4);
        return;
      default:
        throw new RangeError(`field ${id} before byte ${this.#at} has the wire type ${wireType}, which is not known`);
    }
  }

  #advance(size: number): void {
    if (this.#at + size > this.#bytes.length)
      throw new RangeError(`${size} bytes at byte ${this.#at} do not fit in a message of ${this.#bytes.length}`);
    this.#at += size;
  }
}

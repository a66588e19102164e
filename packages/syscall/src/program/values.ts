import { fieldOf } from '../abi/layout.ts';
import type { ResultKind } from '../abi/signatures.ts';
import type { FieldName, StructName } from '../abi/structs.ts';

/** A file descriptor whose number is known when the program is written. */
export interface FdNumber {
  readonly fd: number;
}

/**
 * Names a descriptor by its number. `name` is what a printed program shows beside it.
 *
 * @throws {RangeError} for a number that cannot be a descriptor.
 */
export function fdAt(fd: number, name?: string): FdNumber & { readonly name?: string } {
  if (fd !== AT_FDCWD.fd && (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff))
    throw new RangeError(`${fd} is not a file descriptor`);
  return name === undefined ? { fd } : { fd, name };
}

/** The current working directory, for the `dirfd` of the *at calls. */
export const AT_FDCWD: FdNumber & { readonly name?: string } = { fd: -100, name: 'AT_FDCWD' };

/**
 * A value that exists only while the program runs: the result of an earlier call, or a field that the kernel filled
 * in. It lies in the program's data, four or eight bytes wide.
 */
export class Cell<K extends ResultKind = ResultKind> {
  /** What the value is; a descriptor is refused where a process id is wanted. */
  declare readonly kind: K;
  /** Place in the data; assigned when the cell is first used. */
  offset: number | undefined;
  /** Bytes, negative when the value is signed and narrower than a register. */
  readonly width: CellWidth;
  /** What a printed program calls it. */
  name: string;

  constructor(width: CellWidth, name: string, offset?: number) {
    this.width = width;
    this.name = name;
    this.offset = offset;
  }
}

/** 8 bytes, 4 bytes unsigned, or 4 bytes signed. */
export type CellWidth = 8 | 4 | -4;

/** Memory in the program's own data: written before the start, or by the kernel while the program runs. */
export class Buf {
  /** Place in the data. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  readonly #content: string | readonly string[];
  readonly #literal: boolean;

  /**
   * @param content what a printed program shows.
   * @param literal whether that is the content itself, to be shown in quotes.
   */
  constructor(offset: number, size: number, content: string | readonly string[], literal = false) {
    this.offset = offset;
    this.size = size;
    this.#content = content;
    this.#literal = literal;
  }

  /** How a printed program shows it. */
  get text(): string {
    return this.#literal ? JSON.stringify(this.#content) : String(this.#content);
  }

  /** As a printed program shows it behind a pointer. */
  toString(): string {
    return this.text;
  }

  /**
   * Four or eight bytes of it as a value for a later instruction.
   *
   * @throws {RangeError} when they are not inside, or not at a multiple of their own size.
   */
  cell<K extends ResultKind = 'int'>(offset: number, width: CellWidth, name = `${this.text}+${offset}`): Cell<K> {
    if (offset < 0 || offset + Math.abs(width) > this.size)
      throw new RangeError(`${offset}+${Math.abs(width)} is outside the ${this.size} bytes of ${this.text}`);
    if ((this.offset + offset) % Math.abs(width) !== 0)
      throw new RangeError(`${offset} in ${this.text} is not a multiple of ${Math.abs(width)}`);
    return new Cell<K>(width, name, this.offset + offset);
  }

  /**
   * A field of the structure that the memory holds. A field of two bytes is read as the four that start there: mask
   * it. One that does not start at a multiple of four is refused: take the {@link cell} before it, and its high half.
   */
  field<S extends StructName, K extends ResultKind = 'int'>(struct: S, field: FieldName<S>): Cell<K> {
    const layout = fieldOf(struct, field);
    return this.cell<K>(layout.offset, layout.size === 8 ? 8 : layout.type === 's' ? -4 : 4, field);
  }
}

/** A descriptor argument. */
export type FdArg = FdNumber | Cell<'fd'>;
/** A process argument: an id known beforehand, or one that an earlier call gave. */
export type PidArg = number | Cell<'pid'>;
/** A plain number argument. */
export type IntArg = number | bigint | Cell<'int'>;

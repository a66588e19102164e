import type { Bytes, Writer } from './bytes.ts';

/** What a codec's values look like, for whoever makes values of it: tests, documentation. */
export type Shape =
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32; readonly signed: boolean }
  | { readonly kind: 'bigint'; readonly bits: 64; readonly signed: boolean }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'flag' }
  | { readonly kind: 'text' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'lladdr' }
  | { readonly kind: 'ip' }
  | { readonly kind: 'name'; readonly base: Shape; readonly table: Readonly<Record<string, number>> }
  | { readonly kind: 'flags'; readonly base: Shape; readonly table: Readonly<Record<string, number>> }
  | { readonly kind: 'struct'; readonly fields: Readonly<Record<string, Codec<unknown>>> }
  | { readonly kind: 'attributes'; readonly table: AttributeTable }
  | { readonly kind: 'list'; readonly element: Codec<unknown> }
  | { readonly kind: 'union'; readonly members: readonly Codec<unknown>[] }
  | { readonly kind: 'scaled'; readonly base: Codec<unknown>; readonly to: (value: never) => unknown };

/** How one value is written and read: declared once, it gives the type, the encoder and the decoder. */
export interface Codec<T> {
  readonly shape: Shape;
  /** Appends the value. */
  write(out: Writer, value: T): void;
  /** Reads the value that fills the bytes from `at` to `end`; throws NetlinkDecodeError and nothing else. */
  read(bytes: Bytes, at: number, end: number): T;
}

/** A codec whose values all have the same length, so that structures can hold them. */
export interface FixedCodec<T> extends Codec<T> {
  /** In bytes; a field of a structure begins at a multiple of {@link align}. */
  readonly size: number;
  readonly align: number;
  /** Writes the value over zeroed bytes. */
  put(view: DataView, at: number, value: T): void;
}

/** Appends a value of a known length. */
export function appendFixed<T>(codec: FixedCodec<T>, out: Writer, value: T): void {
  const at = out.reserve(codec.size);
  codec.put(out.view, at, value);
}

/** The type of a codec's values. */
export type ValueOf<C> = C extends { read(bytes: Bytes, at: number, end: number): infer T } ? T : never;

/** Attributes of one level, by name: their type numbers and codecs. */
export type AttributeTable = Readonly<Record<string, readonly [type: number, codec: Codec<unknown>]>>;

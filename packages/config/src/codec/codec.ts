import type { Problem } from '../error.ts';
import type { JsonNode } from '../json/node.ts';
import { positionsOf, type TextPosition } from '../json/position.ts';
import type { JsonValue } from '../json/stringify.ts';
import type { SchemaBuilder } from './schema-builder.ts';

/** A part of a JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: JsonValue };

/** Reads, writes and describes one kind of value: the parser, the encoder and the JSON Schema come from it. */
export interface Codec<T> {
  /**
   * The value of a node. Undefined when the node is wrong, which is then in `report`, or when it holds the value that
   * means "not set".
   */
  decode(node: JsonNode, path: string, report: Report): T | undefined;
  encode(value: T): JsonValue;
  schema(builder: SchemaBuilder): JsonSchema;
}

/** Collects the problems of one text. */
export class Report {
  readonly problems: Problem[] = [];
  readonly #text: string;
  #positions: ((offset: number) => TextPosition) | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** Adds a problem at the place of a node. */
  add(node: { readonly offset: number }, path: string, message: string, suggestion?: string): undefined {
    const hint = suggestion === undefined ? {} : { suggestion };
    this.#positions ??= positionsOf(this.#text);
    this.problems.push({ path, message, ...hint, ...this.#positions(node.offset) });
  }
}

const KINDS: Readonly<Record<JsonNode['kind'], string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  boolean: 'a boolean',
  null: 'null',
};

/** Says what a node is, for "expected a string, found a list". */
export function describeNode(node: JsonNode): string {
  if (node.kind === 'string') return node.value.length > 40 ? 'a string' : JSON.stringify(node.value);
  if (node.kind === 'number') return node.text;
  return node.kind === 'boolean' ? String(node.value) : KINDS[node.kind];
}

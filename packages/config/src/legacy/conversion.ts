import type { Report } from '../codec/codec.ts';
import { itemPath, memberPath } from '../codec/path.ts';
import { suggest } from '../codec/suggest.ts';
import { items, type JsonNode, member } from '../json/node.ts';

/** Something about a file that its reader should know although nothing is wrong. */
export interface Note {
  /** Place in the JSON text. */
  readonly path: string;
  readonly message: string;
}

/** What the parts of a conversion report to: problems with their places, and notes. */
export class Conversion {
  readonly notes: Note[] = [];
  readonly #root: JsonNode;
  readonly #report: Report;

  constructor(root: JsonNode, report: Report) {
    this.#root = root;
    this.#report = report;
  }

  note(path: string, message: string): void {
    this.notes.push({ path, message });
  }

  /** Reports a value that must be one of `known`, with the nearest of them as suggestion. */
  unknown(place: Place, what: string, value: string, known: readonly string[]): void {
    this.#report.add(place.node, place.path, `unknown ${what} ${JSON.stringify(value)}`, suggest(value, known));
  }

  problem(place: Place, message: string): void {
    this.#report.add(place.node, place.path, message);
  }

  /** The place below the root that the keys and indexes lead to, as far as it exists. */
  place(...steps: readonly (string | number)[]): Place {
    return steps.reduce<Place>(
      ({ node, path }, step) => ({
        node: (typeof step === 'number' ? items(node)[step] : member(node, step)) ?? node,
        path: typeof step === 'number' ? itemPath(path, step) : memberPath(path, step),
      }),
      { node: this.#root, path: '' },
    );
  }

  /** The place of an item of a list that may also be written as a map. */
  itemPlace(list: string, index: number, key: string): Place {
    return this.place(list, member(this.#root, list)?.kind === 'object' ? key : index);
  }
}

/** A node and its path. */
export interface Place {
  readonly node: JsonNode;
  readonly path: string;
}

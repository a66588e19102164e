/** How a word is compared in a decision; the other comparisons are these with their branches exchanged. */
export type Relation = 'eq' | 'gt' | 'ge';

/** The end of a decision. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly id: number;
  /** What the filter returns. */
  readonly action: number;
}

/** A decision by one 32-bit word of the call's data: `(word & mask) relation value`. */
export interface Test {
  readonly kind: 'test';
  readonly id: number;
  /** Byte offset in struct seccomp_data. */
  readonly word: number;
  /** All bits but for `eq`. */
  readonly mask: number;
  readonly relation: Relation;
  readonly value: number;
  /** Where it holds. */
  readonly yes: Decision;
  readonly no: Decision;
}

/** What becomes of a call: a graph without cycles, in which equal parts are one. */
export type Decision = Leaf | Test;

/** All bits of a word. */
export const ALL = 0xffffffff;

/** Makes decisions, each one once: what is equal is identical. */
export class Decisions {
  readonly #leaves = new Map<number, Leaf>();
  readonly #tests = new Map<string, Test>();
  #ids = 0;

  leaf(action: number): Leaf {
    let leaf = this.#leaves.get(action);
    if (!leaf) {
      leaf = { kind: 'leaf', id: this.#ids++, action };
      this.#leaves.set(action, leaf);
    }
    return leaf;
  }

  /** A test, or no test at all where both ways lead to the same. */
  test(word: number, mask: number, relation: Relation, value: number, yes: Decision, no: Decision): Decision {
    if (yes === no) return yes;
    const key = `${word},${mask},${relation},${value},${yes.id},${no.id}`;
    let test = this.#tests.get(key);
    if (!test) {
      test = { kind: 'test', id: this.#ids++, word, mask, relation, value, yes, no };
      this.#tests.set(key, test);
    }
    return test;
  }
}

/** Every test that a decision can come to, each once. */
export function testsOf(decision: Decision): readonly Test[] {
  const seen = new Set<Test>();
  const pending: Decision[] = [decision];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (next.kind === 'leaf' || seen.has(next)) continue;
    seen.add(next);
    pending.push(next.no, next.yes);
  }
  return [...seen];
}

import { type Decision, type Decisions, type Test, testsOf } from './decision.ts';
import { type Knowledge, learned, nothing, settled } from './known.ts';

/** Decisions with more tests are left as they are: each way through them is looked at for itself. */
const mostTests = 64;

/**
 * Leaves out tests whose outcome follows from those before them. What different ways know may make them different, so that
 * the result can be larger; then the decision stays as it is.
 */
export function simplify(make: Decisions, decision: Decision): Decision {
  const tests = testsOf(decision);
  if (tests.length > mostTests) return decision;
  const simplifier = new Simplifier(make, tests.length * 4);
  const simple = simplifier.run(decision, new Map());
  return simple === undefined || testsOf(simple).length > tests.length ? decision : simple;
}

class Simplifier {
  readonly #make: Decisions;
  readonly #done = new Map<string, Decision>();
  readonly #reachable = new Map<Test, readonly Test[]>();
  #left: number;

  constructor(make: Decisions, budget: number) {
    this.#make = make;
    this.#left = budget;
  }

  run(decision: Decision, known: ReadonlyMap<number, Knowledge>): Decision | undefined {
    if (decision.kind === 'leaf') return decision;
    const now = known.get(decision.word) ?? nothing;
    const outcome = settled(now, decision);
    if (outcome !== undefined) return this.run(outcome ? decision.yes : decision.no, known);
    const key = this.#key(decision, known);
    const before = this.#done.get(key);
    if (before) return before;
    if (this.#left-- === 0) return undefined;
    const yes = this.run(decision.yes, new Map(known).set(decision.word, learned(now, decision, true)));
    if (!yes) return undefined;
    const no = this.run(decision.no, new Map(known).set(decision.word, learned(now, decision, false)));
    if (!no) return undefined;
    const { word, mask, relation, value } = decision;
    const result = this.#make.test(word, mask, relation, value, yes, no);
    this.#done.set(key, result);
    return result;
  }

  /** The same for two ways to a test only if they know the same of every word that can still be looked at. */
  #key(decision: Test, known: ReadonlyMap<number, Knowledge>): string {
    const tests = this.#tests(decision);
    const words = [...new Set(tests.map(({ word }) => word))].sort((a, b) => a - b);
    const parts = words.map((word) => {
      const { min, max, bits, value, not } = known.get(word) ?? nothing;
      const matter = not
        .filter((other) =>
          tests.some((test) => test.word === word && test.mask === other.mask && test.value === other.value),
        )
        .map((other) => `${other.mask}/${other.value}`)
        .sort((a, b) => a.localeCompare(b));
      return [word, min, max, bits, value, ...matter].join(',');
    });
    return `${decision.id}:${parts.join(';')}`;
  }

  #tests(test: Test): readonly Test[] {
    let tests = this.#reachable.get(test);
    if (!tests) {
      tests = testsOf(test);
      this.#reachable.set(test, tests);
    }
    return tests;
  }
}

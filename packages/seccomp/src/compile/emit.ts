import { BPF, type BpfInstruction } from '../bpf/instruction.ts';
import { ALL, type Decision, type Leaf, type Test, testsOf } from './decision.ts';

/** What the accumulator holds: a word of the call's data, masked. */
interface Content {
  readonly word: number;
  readonly mask: number;
}

/** Places of a test's parts, as distances from the end of the program. */
interface Placed {
  /** Loads the word; undefined: everybody who comes here has it already. */
  readonly load: number | undefined;
  /** For those who have the word. */
  readonly loaded: number;
  /** For those who have the masked word. */
  readonly masked: number;
}

/**
 * Writes a decision as a program. It is written from its end, as jumps only lead forward: where they lead is known by
 * then, and one that is too far for its eight bits gets a jump of 32 bits, or a return, right behind it.
 */
export function emit(decision: Decision): readonly BpfInstruction[] {
  const emitter = new Emitter(decision);
  return emitter.run();
}

class Emitter {
  readonly #root: Decision;
  /** The program backwards. */
  readonly #code: BpfInstruction[] = [];
  readonly #placed = new Map<Test, Placed>();
  readonly #returns = new Map<Leaf, number>();
  /** What the accumulator can hold where a test begins. */
  readonly #incoming = new Map<Test, (Content | undefined)[]>();

  constructor(root: Decision) {
    this.#root = root;
    if (root.kind === 'test') this.#incoming.set(root, [undefined]);
    for (const test of testsOf(root))
      for (const child of [test.yes, test.no]) {
        if (child.kind === 'leaf') continue;
        const contents = this.#incoming.get(child) ?? [];
        contents.push(contentAfter(test));
        this.#incoming.set(child, contents);
      }
  }

  run(): readonly BpfInstruction[] {
    if (this.#root.kind === 'leaf') this.#return(this.#root);
    for (const test of inOrder(this.#root)) this.#test(test);
    return this.#code.toReversed();
  }

  #test(test: Test): void {
    const { code, swapped } = formOf(test);
    const after = contentAfter(test);
    const then = swapped ? test.no : test.yes;
    const otherwise = swapped ? test.yes : test.no;
    const [jt, jf] = this.#skips(then, otherwise, after);
    this.#code.push({ code, jt, jf, k: code === BPF.jumpSet ? test.mask : test.value });
    const masked = this.#code.length - 1;
    if (after.mask !== ALL) this.#code.push({ code: BPF.and, jt: 0, jf: 0, k: after.mask });
    const loaded = this.#code.length - 1;
    const needed = this.#incoming.get(test)!.some((content) => !canUse(content, test));
    if (needed) this.#code.push({ code: BPF.load, jt: 0, jf: 0, k: test.word });
    this.#placed.set(test, { load: needed ? this.#code.length - 1 : undefined, loaded, masked });
  }

  /** How far the two ways of the next instruction are, with a longer jump behind it for each that is too far. */
  #skips(then: Decision, otherwise: Decision, after: Content): readonly [number, number] {
    let targets = [this.#place(then, after), this.#place(otherwise, after)] as const;
    if (this.#distance(targets[1]) > 255) targets = [targets[0], this.#detour(otherwise, targets[1])];
    if (this.#distance(targets[0]) > 255) {
      targets = [this.#detour(then, targets[0]), targets[1]];
      // The detour has moved the other one by an instruction.
      if (this.#distance(targets[1]) > 255) targets = [targets[0], this.#detour(otherwise, targets[1])];
    }
    return [this.#distance(targets[0]), this.#distance(targets[1])];
  }

  #distance(target: number): number {
    return this.#code.length - target - 1;
  }

  #detour(decision: Decision, target: number): number {
    if (decision.kind === 'leaf') return this.#return(decision);
    this.#code.push({ code: BPF.jump, jt: 0, jf: 0, k: this.#distance(target) });
    return this.#code.length - 1;
  }

  #place(decision: Decision, content: Content): number {
    if (decision.kind === 'leaf') return this.#returns.get(decision) ?? this.#return(decision);
    const placed = this.#placed.get(decision)!;
    if (!canUse(content, decision)) return placed.load!;
    return content.mask === ALL ? placed.loaded : placed.masked;
  }

  #return(leaf: Leaf): number {
    this.#code.push({ code: BPF.return, jt: 0, jf: 0, k: leaf.action });
    this.#returns.set(leaf, this.#code.length - 1);
    return this.#code.length - 1;
  }
}

/** A masked comparison with nothing, or with one bit, is one instruction that leaves the accumulator alone. */
function formOf({ relation, mask, value }: Test): { readonly code: number; readonly swapped: boolean } {
  if (relation === 'gt') return { code: BPF.jumpGreater, swapped: false };
  if (relation === 'ge') return { code: BPF.jumpGreaterEqual, swapped: false };
  if (mask !== ALL && value === 0) return { code: BPF.jumpSet, swapped: true };
  if (mask === value && (mask & (mask - 1)) === 0) return { code: BPF.jumpSet, swapped: false };
  return { code: BPF.jumpEqual, swapped: false };
}

function contentAfter(test: Test): Content {
  const { code } = formOf(test);
  return { word: test.word, mask: code === BPF.jumpEqual ? test.mask : ALL };
}

function canUse(content: Content | undefined, test: Test): boolean {
  if (content?.word !== test.word) return false;
  return content.mask === ALL || content.mask === contentAfter(test).mask;
}

/** Tests in the order in which they are written: those that another leads to before it. */
function inOrder(root: Decision): readonly Test[] {
  const order: Test[] = [];
  const seen = new Set<Test>();
  const pending: { readonly test: Test; readonly children: boolean }[] = [];
  const visit = (decision: Decision) => {
    if (decision.kind === 'test' && !seen.has(decision)) pending.push({ test: decision, children: false });
  };
  visit(root);
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (next.children) {
      order.push(next.test);
      continue;
    }
    if (seen.has(next.test)) continue;
    seen.add(next.test);
    pending.push({ test: next.test, children: true });
    visit(next.test.no);
    visit(next.test.yes);
  }
  return order;
}

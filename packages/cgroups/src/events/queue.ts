/**
 * An async iterator that is fed from callbacks. Only one value waits: what comes before the reader takes it is merged
 * into it, so a slow reader costs nothing and delays nobody.
 */
export class MergingQueue<T> implements AsyncIterableIterator<T> {
  readonly #merge: (waiting: T, added: T) => T;
  readonly #closed: (() => void)[];
  #waiting: { readonly value: T } | undefined;
  #readers: ((result: IteratorResult<T>) => void)[] = [];
  #ended = false;

  /** @param closed - called once, when the reader or the source ends it: releases the source. */
  constructor(merge: (waiting: T, added: T) => T, closed: () => void) {
    this.#merge = merge;
    this.#closed = [closed];
  }

  /** Whether nothing comes any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Calls back when it ends, at once when it has. */
  onEnd(callback: () => void): void {
    if (this.#ended) callback();
    else this.#closed.push(callback);
  }

  /** Gives a value to the reader. */
  push(value: T): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader) reader({ done: false, value });
    else this.#waiting = { value: this.#waiting ? this.#merge(this.#waiting.value, value) : value };
  }

  /** Ends it: a value that waits is still delivered. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
    for (const closed of this.#closed.splice(0)) closed();
  }

  next(): Promise<IteratorResult<T>> {
    const waiting = this.#waiting;
    if (waiting) {
      this.#waiting = undefined;
      return Promise.resolve({ done: false, value: waiting.value });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#waiting = undefined;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** A queue that an AbortSignal ends. */
export function abortable<T>(
  signal: AbortSignal | undefined,
  merge: (waiting: T, added: T) => T,
  closed: () => void,
): MergingQueue<T> {
  const end = () => queue.end();
  const queue = new MergingQueue<T>(merge, () => {
    signal?.removeEventListener('abort', end);
    closed();
  });
  signal?.addEventListener('abort', end, { once: true });
  return queue;
}

/** Adds the counts of two events. */
export function addCounts<T extends { readonly count: bigint }>(a: T, b: T): T {
  return { ...b, count: a.count + b.count };
}

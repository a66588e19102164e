import { SeccompError } from '../errors.ts';
import { didYouMean } from '../syscalls/suggest.ts';

/** Values of a parsed JSON document with their places in it; every method throws a SeccompError with the place. */
export class Reader {
  readonly value: unknown;
  /** Path in the document; empty for the whole. */
  readonly path: string;

  constructor(value: unknown, path = '') {
    this.value = value;
    this.path = path;
  }

  fail(message: string, hint?: string): never {
    throw new SeccompError(this.path, message, hint);
  }

  /** A field of an object; its value is undefined when there is none. */
  field(name: string): Reader {
    const value = Object.hasOwn(this.#object(), name) ? this.#object()[name] : undefined;
    return new Reader(value === null ? undefined : value, this.path ? `${this.path}.${name}` : name);
  }

  get isSet(): boolean {
    return this.value !== undefined;
  }

  /** @throws {SeccompError} for a field with another name: a misspelt one would be a rule that nobody applies. */
  only(names: readonly string[]): this {
    for (const name of Object.keys(this.#object()))
      if (!names.includes(name))
        throw new SeccompError(this.path, `unknown field ${JSON.stringify(name)}${didYouMean(name, names)}`);
    return this;
  }

  /** Elements of an array, none when it is not set. */
  list(): readonly Reader[] {
    if (!this.isSet) return [];
    if (!Array.isArray(this.value)) return this.fail(`${show(this.value)} is not an array`);
    return this.value.map((value, index) => new Reader(value, `${this.path}[${index}]`));
  }

  text(): string {
    return typeof this.value === 'string' ? this.value : this.fail(`${show(this.value)} is not a string`);
  }

  texts(): readonly string[] {
    return this.list().map((element) => element.text());
  }

  /** An integer of up to 64 bits: a number that is exact, a bigint, or a decimal or hexadecimal string. */
  integer(min: bigint, max: bigint): bigint {
    const { value } = this;
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      return this.fail(
        `${value} cannot be held exactly by a number`,
        Number.isInteger(value) ? 'read the text with parseSeccompJson, or give a string' : 'give an integer',
      );
    const isText = typeof value === 'string' && /^(?:0[xX][\da-fA-F]+|-?\d+)$/.test(value);
    if (typeof value !== 'number' && typeof value !== 'bigint' && !isText)
      return this.fail(`${show(value)} is not an integer`);
    const integer = BigInt(value as number | bigint | string);
    return integer >= min && integer <= max ? integer : this.fail(`${integer} is not between ${min} and ${max}`);
  }

  /** As {@link integer}, as a number. */
  small(min: number, max: number): number {
    return Number(this.integer(BigInt(min), BigInt(max)));
  }

  /** One of the names of a table. */
  choice<T>(table: Readonly<Record<string, T>>, what: string): T {
    const name = this.text();
    if (Object.hasOwn(table, name)) return table[name]!;
    return this.fail(`unknown ${what} ${JSON.stringify(name)}${didYouMean(name, Object.keys(table))}`);
  }

  #object(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      return this.fail(`${show(this.value)} is not an object`);
    return this.value as Readonly<Record<string, unknown>>;
  }
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

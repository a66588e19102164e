import { suggest } from '../codec/suggest.ts';
import type { Problem } from '../error.ts';

/** Collects the problems of a configuration, in the order in which the rules find them. */
export class Checker {
  readonly problems: Problem[] = [];

  add(path: string, message: string, suggestion?: string): void {
    this.problems.push(suggestion === undefined ? { path, message } : { path, message, suggestion });
  }

  /** A problem unless `value` is one of `known`. */
  oneOf(path: string, what: string, value: string, known: readonly string[]): boolean {
    if (known.includes(value)) return true;
    this.add(path, `unknown ${what} ${JSON.stringify(value)}`, suggest(value, known));
    return false;
  }

  /** A problem unless the number is undefined or within the bounds. */
  range(path: string, what: string, value: number | bigint | undefined, min: number, max: number): void {
    if (value === undefined || (value >= min && value <= max)) return;
    this.add(path, `${what} ${value} is out of range, expected ${min} to ${max}`);
  }

  /** A problem unless the path is absolute. */
  absolute(path: string, what: string, value: string): boolean {
    if (value.startsWith('/')) return true;
    this.add(path, `${what} ${JSON.stringify(value)} is not an absolute path`);
    return false;
  }
}

import { ConfigError } from '../error.ts';
import type { JsonMember, JsonNode } from './node.ts';
import { positionsOf } from './position.ts';

/** Deeper texts are refused, so that a hostile one cannot exhaust the stack. */
const MAX_DEPTH = 256;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Everything from the blank on, except the quote and the backslash. */
const PLAIN_CHARACTERS = /[ !#-[\]-\uffff]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Reads a JSON text (RFC 8259) into nodes. Unlike JSON.parse it keeps the digits of numbers, so 64-bit integers stay
 * exact, the places of keys and values, and repeated keys. A byte order mark at the start is skipped.
 *
 * @throws ConfigError with line and column when the text is not JSON.
 */
export function parseJson(text: string): JsonNode {
  let at = text.startsWith('\uFEFF') ? 1 : 0;

  const fail = (message: string, offset = at): never => {
    throw new ConfigError([{ path: '', message, ...positionsOf(text)(offset) }]);
  };

  const found = (): string => {
    if (at >= text.length) return 'found the end of the text';
    if (text.startsWith('//', at) || text.startsWith('/*', at)) return 'found a comment, which JSON does not have';
    return `found ${JSON.stringify(String.fromCodePoint(text.codePointAt(at)!))}`;
  };

  const skipSpace = (): void => {
    while (' \t\n\r'.includes(text[at] ?? 'x')) at += 1;
  };

  const take = (character: string): boolean => {
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };

  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const result = pattern.exec(text)?.[0] ?? '';
    at += result.length;
    return result;
  };

  const string = (): string => {
    const start = at;
    at += 1;
    let value = '';
    for (;;) {
      value += match(PLAIN_CHARACTERS);
      if (take('"')) return value;
      if (at >= text.length) fail('the string that begins here has no end', start);
      if (text[at] !== '\\') fail('a control character in a string must be written as an escape like \\n');
      const letter = text[at + 1] ?? '';
      const hex = text.slice(at + 2, at + 6);
      if (letter === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
        value += String.fromCharCode(Number.parseInt(hex, 16));
        at += 6;
      } else if (Object.hasOwn(ESCAPES, letter)) {
        value += ESCAPES[letter];
        at += 2;
      } else fail(`"\\${letter}" is not an escape of JSON`);
    }
  };

  const array = (depth: number): readonly JsonNode[] => {
    const result: JsonNode[] = [];
    at += 1;
    skipSpace();
    if (take(']')) return result;
    for (;;) {
      result.push(value(depth));
      skipSpace();
      if (take(']')) return result;
      const comma = at;
      if (!take(',')) fail(`expected "," or "]", ${found()}`);
      skipSpace();
      if (text[at] === ']') fail('a comma after the last item', comma);
    }
  };

  const object = (depth: number): readonly JsonMember[] => {
    const result: JsonMember[] = [];
    at += 1;
    skipSpace();
    if (take('}')) return result;
    for (;;) {
      const offset = at;
      if (text[at] !== '"') fail(`expected a key in double quotes, ${found()}`);
      const key = string();
      skipSpace();
      if (!take(':')) fail(`expected ":" after the key ${JSON.stringify(key)}, ${found()}`);
      result.push({ key, offset, value: value(depth) });
      skipSpace();
      if (take('}')) return result;
      const comma = at;
      if (!take(',')) fail(`expected "," or "}", ${found()}`);
      skipSpace();
      if (text[at] === '}') fail('a comma after the last member', comma);
    }
  };

  const value = (depth: number): JsonNode => {
    if (depth > MAX_DEPTH) fail(`nested deeper than ${MAX_DEPTH} levels`);
    skipSpace();
    const offset = at;
    switch (text[at]) {
      case '{':
        return { kind: 'object', offset, members: object(depth + 1) };
      case '[':
        return { kind: 'array', offset, items: array(depth + 1) };
      case '"':
        return { kind: 'string', offset, value: string() };
    }
    const word = match(/[a-zA-Z_]+/y);
    if (word === 'true' || word === 'false') return { kind: 'boolean', offset, value: word === 'true' };
    if (word === 'null') return { kind: 'null', offset };
    if (word !== '') return fail(`expected a value, found ${JSON.stringify(word)}`, offset);
    const number = match(NUMBER);
    if (number === '') return fail(`expected a value, ${found()}`);
    if (/[\w.+]/.test(text[at] ?? '')) fail('not a number of JSON', offset);
    return { kind: 'number', offset, text: number };
  };

  const result = value(0);
  skipSpace();
  if (at < text.length) fail(`expected the end of the text, ${found()}`);
  return result;
}

/** A JSON value; a bigint is written with all its digits, and a member that is undefined is left out. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

/**
 * Writes a JSON text. It exists because JSON.stringify refuses bigint, and JSON.rawJSON is not in every supported
 * Node.js: integers up to 2^64 keep every digit here.
 *
 * @param indent text of one level; undefined: everything on one line.
 * @throws RangeError for a number that JSON cannot hold exactly: not finite, or an integer beyond 2^53 that is not a
 * bigint.
 */
export function stringifyJson(value: JsonValue, indent?: string): string {
  return write(value, indent, '\n');
}

function write(value: JsonValue, indent: string | undefined, newline: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return writeNumber(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = indent === undefined ? '' : newline + indent;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const parts = Array.isArray(value)
    ? value.map((item: JsonValue) => write(item, indent, inner))
    : Object.entries(value).flatMap(([key, item]) =>
        item === undefined
          ? []
          : [`${JSON.stringify(key)}:${indent === undefined ? '' : ' '}${write(item, indent, inner)}`],
      );
  if (parts.length === 0) return `${open}${close}`;
  return `${open}${inner}${parts.join(`,${inner}`)}${indent === undefined ? '' : newline}${close}`;
}

function writeNumber(value: number): string {
  if (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) return JSON.stringify(value);
  throw new RangeError(`${value} is not an exact number: use a bigint for integers beyond 2^53`);
}

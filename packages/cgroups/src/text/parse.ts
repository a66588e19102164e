/** Text of the kernel that is not what its documentation promises. The one who knows the file adds its name. */
export class ParseProblem extends Error {
  override readonly name = 'ParseProblem';
}

/**
 * An unsigned 64-bit counter. A negative number counts as 0: some counters of old kernels underflow when they are read
 * in the wrong moment.
 *
 * @throws {ParseProblem} for anything that is no integer.
 */
export function parseUint(text: string): bigint {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) throw new ParseProblem(`${JSON.stringify(trimmed)} is not an integer`);
  const value = BigInt(trimmed);
  return value < 0n ? 0n : value;
}

/** A limit of cgroup v2: undefined for `max`. */
export function parseMax(text: string): bigint | undefined {
  return text.trim() === 'max' ? undefined : parseUint(text);
}

/** The lines of a file that are not blank, without blanks around them. */
export function lines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/**
 * A flat keyed file: `key value` on each line.
 *
 * @throws {ParseProblem} for a line that has not exactly two fields.
 */
export function parseFlatKeyed(text: string): Readonly<Record<string, bigint>> {
  const result: Record<string, bigint> = {};
  for (const line of lines(text)) {
    const [key, value, ...rest] = line.split(/\s+/);
    if (key === undefined || value === undefined || rest.length > 0)
      throw new ParseProblem(`${JSON.stringify(line)} is not a valid key value format`);
    result[key] = parseUint(value);
  }
  return result;
}

/**
 * A nested keyed file of cgroup v2: `name key=value key=value` on each line. Values that are no numbers (`max`) are
 * undefined.
 */
export function parseNestedKeyed(text: string): ReadonlyMap<string, Readonly<Record<string, bigint | undefined>>> {
  const result = new Map<string, Readonly<Record<string, bigint | undefined>>>();
  for (const line of lines(text)) {
    const [name = '', ...pairs] = line.split(/\s+/);
    const values: Record<string, bigint | undefined> = {};
    for (const pair of pairs) {
      const at = pair.indexOf('=');
      if (at < 1) throw new ParseProblem(`${JSON.stringify(pair)} in ${JSON.stringify(line)} is not key=value`);
      values[pair.slice(0, at)] = parseMax(pair.slice(at + 1));
    }
    result.set(name, values);
  }
  return result;
}

/** Process ids, one a line. */
export function parsePids(text: string): readonly number[] {
  return lines(text).map((line) => {
    if (!/^\d+$/.test(line)) throw new ParseProblem(`${JSON.stringify(line)} is not a process id`);
    return Number(line);
  });
}

/**
 * The arguments in the text of a printed system call, as they stand: `["AT_FDCWD", "\"/x\"", "O_PATH"]`. Texts in quotes
 * and lists in brackets stay whole.
 *
 * @returns an empty list for a text that is no call
 */
export function callArguments(text: string): readonly string[] {
  const open = text.indexOf('(');
  if (open < 0) return [];
  const args: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = start; at < text.length; at++) {
    const char = text[at]!;
    if (char === '"') at = endOfString(text, at);
    else if (char === '{' || char === '[' || char === '(') depth++;
    else if (depth > 0 && (char === '}' || char === ']' || char === ')')) depth--;
    else if (depth === 0 && (char === ',' || char === ')')) {
      const arg = text.slice(start, at).trim();
      if (arg !== '' || args.length > 0) args.push(arg);
      if (char === ')') return args;
      start = at + 1;
    }
  }
  return args;
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** The string that an argument shows; undefined when it is none. */
export function stringArgument(arg: string | undefined): string | undefined {
  const value = jsonOf(arg, '"');
  return typeof value === 'string' ? value : undefined;
}

/** The strings that an argument such as argv shows; undefined when it is no such list. */
export function listArgument(arg: string | undefined): readonly string[] | undefined {
  const value = jsonOf(arg, '[');
  return Array.isArray(value) ? value.map(String) : undefined;
}

/** A field of a structure that an argument shows, such as `rlim_max`; 0 when it is left out. */
export function fieldArgument(arg: string | undefined, field: string): bigint {
  const digits = new RegExp(`[{ ]${field}=(0x[0-9a-f]+|-?\\d+)`).exec(arg ?? '')?.[1];
  return digits === undefined ? 0n : BigInt(digits);
}

function jsonOf(arg: string | undefined, begin: string): unknown {
  if (!arg?.startsWith(begin)) return undefined;
  try {
    return JSON.parse(arg);
  } catch (error) {
    // The text was cut short, or the name of a variable looks like this.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

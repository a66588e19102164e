import { MountOptionError } from './error.ts';

/** One parameter of a file system, for fsconfig(2). */
export interface MountParameter {
  /** Name, such as `size`. */
  readonly name: string;
  /** Value without enclosing double quotes; undefined for a name that stands alone (FSCONFIG_SET_FLAG). */
  readonly value?: string;
}

/**
 * Splits an option text at its commas. A comma does not split inside of a double-quoted value (`context="a,b"`) nor after
 * a backslash (overlay's `lowerdir=/a\,b`). Quotes and backslashes stay; empty options are dropped, as the kernel does.
 *
 * @throws {MountOptionError} when a quoted value does not end, or for a NUL character
 */
export function splitMountOptions(text: string): readonly string[] {
  if (text.includes('\0')) throw new MountOptionError(`mount options ${JSON.stringify(text)} hold a NUL character`);
  const options: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const char = text[at];
    if (char === '\\') {
      at++;
    } else if (char === '"' && text[at - 1] === '=') {
      // Only a quote at the start of a value encloses: file names may hold quotes too.
      const end = text.indexOf('"', at + 1);
      if (end === -1) throw new MountOptionError(`mount options ${JSON.stringify(text)}: a quoted value does not end`);
      at = end;
    } else if (char === ',' || at === text.length) {
      if (at > start) options.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (start < text.length) options.push(text.slice(start));
  return options;
}

/**
 * Splits the data text of mount(2) into parameters for fsconfig(2). Quotes that enclose a value are taken away:
 * they only exist to protect commas in the single text.
 *
 * @throws {MountOptionError} when a quoted value does not end, for a NUL character, or an option without a name (`=1`)
 * @example
 * mountParameters('mode=755,context="a:b:c0,c1",noswap');
 * // [{ name: 'mode', value: '755' }, { name: 'context', value: 'a:b:c0,c1' }, { name: 'noswap' }]
 */
export function mountParameters(data: string): readonly MountParameter[] {
  return splitMountOptions(data).map((option) => {
    const equals = option.indexOf('=');
    if (equals === 0) throw new MountOptionError(`mount option ${JSON.stringify(option)} has no name`);
    if (equals === -1) return { name: option };
    const value = option.slice(equals + 1);
    const quoted = /^"([^"]*)"$/.exec(value);
    return { name: option.slice(0, equals), value: quoted?.[1] ?? value };
  });
}

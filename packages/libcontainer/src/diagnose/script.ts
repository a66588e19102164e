/** How much of a file the kernel looks at: BINPRM_BUF_SIZE of linux/binfmts.h. */
export const headSize = 256;

/** The first line of a script. execve(2), "Interpreter scripts" */
export interface ScriptLine {
  /** Path of the interpreter as the kernel takes it: a carriage return before the end of the line belongs to it. */
  readonly interpreter: string;
  /** Everything after it, as one argument; undefined when there is nothing. */
  readonly argument: string | undefined;
}

/**
 * Reads the `#!` line as the kernel's binfmt_script does. Bytes are taken as they are, so that a path can be any.
 *
 * @param head the first {@link headSize} bytes of the file, or all of it
 * @returns undefined for a file without such a line, or with one that the kernel refuses (no interpreter, or a path
 *   that is cut off by the size).
 */
export function parseScriptLine(head: Uint8Array): ScriptLine | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, headSize)).toString('utf8');
  if (!text.startsWith('#!')) return undefined;
  const full = head.byteLength >= headSize;
  const end = text.search(/[\n\0]/);
  const line = (end < 0 ? text : text.slice(0, end)).slice(2).replace(/^[ \t]+|[ \t]+$/g, '');
  const [interpreter = ''] = line.split(/[ \t]/, 1);
  if (interpreter === '') return undefined;
  if (end < 0 && full && interpreter === line && !/[ \t]$/.test(text)) return undefined;
  const argument = line.slice(interpreter.length).trim();
  return { interpreter, argument: argument === '' ? undefined : argument };
}

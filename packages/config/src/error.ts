/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Place in the JSON form of the configuration (`mounts[3].device`); empty for the document itself. */
  readonly path: string;
  /** What is wrong, with the value and the remedy. */
  readonly message: string;
  /** What was probably meant, for a misspelt key or name. */
  readonly suggestion?: string;
  /** Line of the text, from 1; undefined when the configuration did not come from a text. */
  readonly line?: number;
  /** Column of the line in characters, from 1. */
  readonly column?: number;
}

/** A configuration that cannot be used. It lists every problem that was found, in the order of the document. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Fixed: tells this error from others without `instanceof`. */
  readonly code = 'ERR_CONFIG_INVALID';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(problemText).join('\n'), options);
    this.problems = problems;
  }
}

/** One problem as a line: `line 3, column 5: mounts[0].flag: unknown key (did you mean "flags"?)`. */
export function problemText({ path, message, suggestion, line, column }: Problem): string {
  const place = line === undefined ? '' : `line ${line}, column ${column}: `;
  const hint = suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`;
  return `${place}${path === '' ? '' : `${path}: `}${message}${hint}`;
}

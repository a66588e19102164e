/** What a flag takes: nothing, any text, a whole number, a text each time it is given, or a signal by name or number. */
export type FlagType = 'boolean' | 'string' | 'integer' | 'list' | 'signal';

/** One flag of the command line. Parsing, help and completion are all made from this. */
export interface Flag {
  readonly type: FlagType;
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in the help: `DIR`. */
  readonly value?: string;
  /** The only values that are taken. */
  readonly choices?: readonly string[];
  /** What a value is called when it is none of `choices`: `profile name`. */
  readonly what?: string;
  /** What a shell completes the value with. */
  readonly complete?: 'file' | 'directory';
  /** What holds when the flag is not given and nothing else says otherwise. */
  readonly default?: string | readonly string[];
  /** One sentence, without a full stop. */
  readonly help: string;
}

/** Flags by name, without the dashes. */
export type FlagTable = Readonly<Record<string, Flag>>;

/** A value as it was given. */
export type FlagValue = boolean | string | number | readonly string[];

type ValueOf<F extends Flag> = F['type'] extends 'boolean'
  ? boolean
  : F['type'] extends 'integer' | 'signal'
    ? number
    : F['type'] extends 'list'
      ? readonly string[]
      : F extends { readonly choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** The values of the flags that were given; one that was not is undefined, whatever its default. */
export type FlagValues<T extends FlagTable> = { readonly [Name in keyof T]?: ValueOf<T[Name]> };

import { parseArgs } from 'node:util';
import { suggest } from '@nsinit/config';
import type { Flag, FlagTable, FlagValue } from './flag.ts';
import { parseSignal } from './signals.ts';
import { UsageError } from './usage-error.ts';

/** What flags and operands a list of arguments holds. */
export interface Scanned {
  readonly values: Readonly<Record<string, FlagValue>>;
  /** Everything that is no flag, in order. */
  readonly operands: readonly string[];
}

/** How {@link scan} reads. */
export interface ScanOptions {
  /** True: the first operand ends the flags, so that those of a command after it stay its own. */
  readonly stopAtOperand: boolean;
  /** For messages: ` of exec`, or nothing. */
  readonly of: string;
}

type Token = NonNullable<ReturnType<typeof parseArgs<{ strict: false; tokens: true }>>['tokens']>[number];
type OptionToken = Extract<Token, { kind: 'option' }>;

/**
 * Reads arguments by a table of flags.
 *
 * @throws {UsageError} for an unknown flag, with the one that was probably meant, and for a value that does not fit.
 */
export function scan(args: readonly string[], flags: FlagTable, { stopAtOperand, of }: ScanOptions): Scanned {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short }]) => [
      name,
      { type: type === 'boolean' ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  );
  // Not strict: its errors know nothing of suggestions, and would judge the arguments behind the first operand.
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, FlagValue> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (stopAtOperand) return { values, operands: args.slice(token.index) };
      operands.push(token.value);
    } else if (token.kind === 'option-terminator') {
      if (stopAtOperand) return { values, operands: args.slice(token.index + 1) };
    } else {
      const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
      if (!flag) throw unknownFlag(token, args[token.index]!, flags, of);
      values[token.name] = readValue(token, flag, values[token.name]);
    }
  }
  return { values, operands };
}

function unknownFlag(token: OptionToken, arg: string, flags: FlagTable, of: string): UsageError {
  // Programs of 2014 took -name for --name, which is read as letters here.
  const oldStyle = !arg.startsWith('--') && arg.length > 2 ? suggest(arg.slice(1), Object.keys(flags)) : undefined;
  const meant = oldStyle ?? suggest(token.name, Object.keys(flags));
  const shown = oldStyle ? arg : token.rawName;
  return new UsageError(`unknown flag ${shown}${of}`, meant && `did you mean --${meant}?`);
}

function readValue(token: OptionToken, flag: Flag, before: FlagValue | undefined): FlagValue {
  const shown = token.rawName;
  const { value } = token;
  if (flag.type === 'boolean') {
    if (value === undefined || value === 'true') return true;
    if (value === 'false') return false;
    throw new UsageError(`flag ${shown} takes no value, got ${JSON.stringify(value)}`);
  }
  const wanted = flag.choices?.join(', ') ?? flag.value ?? 'VALUE';
  if (value === undefined) throw new UsageError(`flag ${shown} needs a value: ${wanted}`);
  if (!token.inlineValue && /^-[^\d]/.test(value))
    throw new UsageError(`flag ${shown} needs a value, got ${value}`, `write --${token.name}=${value} if it is meant`);
  switch (flag.type) {
    case 'integer':
      if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(Number(value)))
        throw new UsageError(`flag ${shown} takes a whole number, got ${JSON.stringify(value)}`);
      return Number(value);
    case 'signal': {
      const signal = parseSignal(value);
      if (signal === undefined)
        throw new UsageError(`flag ${shown} takes a signal by name or number, got ${JSON.stringify(value)}`);
      return signal;
    }
    case 'list':
      return [...((before as readonly string[] | undefined) ?? []), value];
    default:
      if (flag.choices && !flag.choices.includes(value)) {
        const meant = suggest(value, flag.choices);
        throw new UsageError(
          `invalid ${flag.what ?? 'value'} ${JSON.stringify(value)} for ${shown}`,
          meant ? `did you mean ${meant}?` : `it is one of ${wanted}`,
        );
      }
      return value;
  }
}

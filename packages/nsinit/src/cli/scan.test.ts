import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlagTable } from './flag.ts';
import { scan } from './scan.ts';
import { UsageError } from './usage-error.ts';

const flags = {
  tty: { type: 'boolean', short: 't', help: '' },
  user: { type: 'string', short: 'u', value: 'USER', help: '' },
  size: { type: 'integer', value: 'N', help: '' },
  env: { type: 'list', value: 'NAME=VALUE', help: '' },
  level: { type: 'string', choices: ['high', 'low'], what: 'profile name', help: '' },
  death: { type: 'signal', value: 'SIGNAL', help: '' },
} as const satisfies FlagTable;

const stop = (...args: readonly string[]) => scan(args, flags, { stopAtOperand: true, of: ' of run' });
const mixed = (...args: readonly string[]) => scan(args, flags, { stopAtOperand: false, of: '' });

function failure(run: () => unknown): UsageError {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('scan', () => {
  it('reads every type, by long and short names, with and without an equals sign', () => {
    const { values, operands } = stop(
      '-t',
      '-u',
      'a:b',
      '--size=-1',
      '--env',
      'A=1',
      '--env=B=2=3',
      '--death',
      'term',
      '--level',
      'low',
    );
    expect(values).toEqual({ tty: true, user: 'a:b', size: -1, env: ['A=1', 'B=2=3'], death: 15, level: 'low' });
    expect(operands).toEqual([]);
  });

  it('takes short flags in a group', () => {
    expect(stop('-tu', 'root', 'sh').values).toEqual({ tty: true, user: 'root' });
  });

  it('takes a negative number as a value', () => {
    expect(stop('--size', '-1').values).toEqual({ size: -1 });
  });

  it('leaves the flags of a command to the command', () => {
    expect(stop('-t', '/bin/sh', '-c', 'echo', '--user', '-t')).toEqual({
      values: { tty: true },
      operands: ['/bin/sh', '-c', 'echo', '--user', '-t'],
    });
    expect(stop('-t', '--', '-x', '--', 'y').operands).toEqual(['-x', '--', 'y']);
  });

  it('finds operands between flags where the command has none of its own', () => {
    expect(mixed('bash', '-t', 'zsh')).toEqual({ values: { tty: true }, operands: ['bash', 'zsh'] });
  });

  it('lets the last one count, and a boolean be taken back', () => {
    expect(stop('--user', 'a', '--user', 'b', '-t', '--tty=false').values).toEqual({ user: 'b', tty: false });
  });

  it('names an unknown flag and the one that was probably meant', () => {
    expect(failure(() => stop('--usr', 'x'))).toMatchObject({
      message: 'unknown flag --usr of run',
      hint: 'did you mean --user?',
    });
    expect(failure(() => stop('-size', '3'))).toMatchObject({
      message: 'unknown flag -size of run',
      hint: 'did you mean --size?',
    });
    expect(failure(() => stop('--completely-else'))).toMatchObject({ hint: undefined });
    expect(failure(() => stop('--__proto__'))).toMatchObject({ message: 'unknown flag --__proto__ of run' });
  });

  it.each([
    [['--user'], 'flag --user needs a value: USER'],
    [['--user', '--tty'], 'flag --user needs a value, got --tty'],
    [['--tty=maybe'], 'flag --tty takes no value, got "maybe"'],
    [['--size', '1.5'], 'flag --size takes a whole number, got "1.5"'],
    [['--size', '9007199254740993'], 'flag --size takes a whole number, got "9007199254740993"'],
    [['--death', 'SIGNOPE'], 'flag --death takes a signal by name or number, got "SIGNOPE"'],
    [['--level', 'hihg'], 'invalid profile name "hihg" for --level'],
  ])('refuses %j', (args, message) => {
    expect(failure(() => stop(...args)).message).toBe(message);
  });

  it('never looks behind the first operand', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (rest) => {
        expect(stop('-t', 'command', ...rest).operands).toEqual(['command', ...rest]);
      }),
    );
  });

  it('gives back any text that is given with an equals sign', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(stop(`--user=${text}`).values).toEqual({ user: text });
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { commandNames } from './commands.ts';
import { parse } from './parse.ts';

const messageOf = (...args: readonly string[]): string => {
  try {
    parse(args);
  } catch (error) {
    const { message, hint } = error as { message: string; hint?: string };
    return hint === undefined ? message : `${message} (${hint})`;
  }
  throw new Error('nothing was thrown');
};

describe('parse', () => {
  it('takes global flags before and behind the command, the latter count', () => {
    expect(parse(['--root', '/a', '--debug', 'exec', '--root', '/b', 'sh', '--root', '/c'])).toEqual({
      global: { root: '/b', debug: true },
      command: { name: 'exec', values: {}, operands: ['sh', '--root', '/c'] },
    });
  });

  it('keeps flags of the command apart from global ones', () => {
    const { command } = parse(['exec', '-t', '--id', 'x', '--env', 'A=1', '/bin/sh', '-c', 'x']);
    expect(command).toEqual({
      name: 'exec',
      values: { tty: true, id: 'x', env: ['A=1'] },
      operands: ['/bin/sh', '-c', 'x'],
    });
  });

  it('asks for nothing without a command', () => {
    expect(parse([])).toEqual({ global: {}, command: undefined });
    expect(parse(['-v'])).toEqual({ global: { version: true }, command: undefined });
  });

  it.each(['migrate', 'toString', '__proto__'])('does not know the command %s', (name) => {
    expect(messageOf(name)).toContain(`unknown command "${name}"`);
  });

  it.each(['state', 'stats', 'pause', 'unpause', 'oom', 'destroy'] as const)(
    'takes the id of the container of %s',
    (name) => {
      expect(parse([name, '--id', 'x'])).toEqual({ global: {}, command: { name, values: { id: 'x' }, operands: [] } });
      expect(messageOf(name, '--tty')).toContain(`unknown flag --tty of ${name}`);
    },
  );

  it('suggests a command', () => {
    expect(messageOf('plam')).toBe('unknown command "plam" (did you mean plan?)');
    expect(messageOf('xyz')).toBe('unknown command "xyz" (see nsinit --help)');
  });

  it('counts operands', () => {
    expect(messageOf('completion')).toBe('completion needs an argument (usage: nsinit completion bash|zsh|fish)');
    expect(messageOf('completion', 'tcsh')).toContain('unknown argument "tcsh" of completion');
    expect(messageOf('state', 'x')).toBe('unexpected argument "x" of state (usage: nsinit state)');
  });

  it.each(commandNames)('lets --help of %s be asked for without operands', (name) => {
    expect(parse([name, '--help'])).toMatchObject({ global: { help: true }, command: { name } });
    expect(parse([name, '-h'])).toMatchObject({ global: { help: true } });
  });

  it('knows the version flag before the command only', () => {
    expect(messageOf('exec', '--version')).toContain('unknown flag --version of exec');
  });
});

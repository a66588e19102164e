import { SyscallError } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { asContainerError, ContainerError, errorCodes, errorCodeText } from './errors.ts';

describe('error codes', () => {
  it('have the numbers and words of the original', () => {
    const codes = Object.entries(errorCodes).map(([code, number]) => [
      number,
      code,
      errorCodeText(code as keyof typeof errorCodes),
    ]);
    expect(codes).toEqual([
      [0, 'IdInUse', 'Id already in use'],
      [1, 'InvalidIdFormat', 'Invalid format'],
      [2, 'ContainerNotExists', 'Container does not exist'],
      [3, 'ContainerPaused', 'Container paused'],
      [4, 'ContainerNotStopped', 'Container is not stopped'],
      [5, 'ContainerNotRunning', 'Container is not running'],
      [6, 'ProcessNotExecuted', 'Process is not executed'],
      [7, 'ConfigInvalid', 'Invalid configuration'],
      [8, 'SystemError', 'System error'],
    ]);
  });
});

describe('ContainerError', () => {
  const cause = new SyscallError('mount', 1, ['"proc"']);
  const error = new ContainerError('SystemError', 'mounts[0]: not allowed', {
    step: 'mount proc on /proc',
    field: 'mounts[0]',
    path: '/proc',
    errno: 'EPERM',
    hint: 'try something else',
    cause: new Error('in between', { cause }),
  });

  it('prints itself as the original did', () => {
    expect(String(error)).toBe('[8] System error: mounts[0]: not allowed');
  });

  it('has a detail with every fact and the whole chain of causes', () => {
    const lines = error.detail().split('\n');
    expect(lines[0]).toBe(`Timestamp: ${error.timestamp.toISOString()}`);
    expect(lines.slice(1, 9)).toEqual([
      'Code: System error',
      'Message: mounts[0]: not allowed',
      'Step: mount proc on /proc',
      'Field: mounts[0]',
      'Path: /proc',
      'Errno: EPERM',
      'Hint: try something else',
      'Caused by: Error: in between',
    ]);
    expect(lines[9]).toBe(`Caused by: SyscallError: ${cause.message}`);
    expect(lines[10]).toBe('Frames:');
    expect(lines.at(-2)).toMatch(/^ +at /);
  });

  it('leaves out what is not known, and takes a cause that is no error', () => {
    const plain = new ContainerError('IdInUse', 'taken', { cause: 'a word' });
    expect(plain.detail()).not.toMatch(/Step|Field|undefined/);
    expect(plain.detail()).toContain('Caused by: a word\n');
  });
});

describe('asContainerError', () => {
  it('keeps one as it is', () => {
    const error = new ContainerError('IdInUse', 'taken');
    expect(asContainerError(error, 'cannot')).toBe(error);
  });

  it('makes others its cause, with their errno', () => {
    const cause = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
    const error = asContainerError(cause, 'cannot read', { path: '/x' });
    expect(error).toMatchObject({
      code: 'SystemError',
      errno: 'ENOENT',
      path: '/x',
      cause,
      message: 'cannot read: ENOENT: no such file',
    });
    expect(asContainerError('word', 'cannot')).toMatchObject({ message: 'cannot: word', errno: undefined });
  });
});

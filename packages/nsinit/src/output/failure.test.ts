import { ContainerError } from '@nsinit/libcontainer';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../cli/usage-error.ts';
import { FileError } from '../config/file-error.ts';
import { exitCodeOf, FlaggedError, failureDetails, failureText } from './failure.ts';

const limit = new ContainerError('ConfigInvalid', 'cgroups.memory: no limits', {
  field: 'cgroups.memory',
  hint: 'remove it',
});
const origins = [{ field: 'cgroups.memory', flag: '--memory-limit' }];

describe('failureText', () => {
  it('says what to do', () => {
    expect(failureText(limit)).toBe('cgroups.memory: no limits (remove it)');
    expect(failureText(new UsageError('no', 'yes'))).toBe('no (yes)');
    expect(failureText(new UsageError('no'))).toBe('no');
    expect(failureText(new Error('plain'))).toBe('plain');
    expect(failureText('text')).toBe('text');
  });

  it('names the flag that asked for it too', () => {
    expect(failureText(new FlaggedError(limit, origins))).toBe(
      'cgroups.memory: no limits (asked for by --memory-limit; remove it)',
    );
    expect(failureText(new FlaggedError(limit, []))).toBe('cgroups.memory: no limits (remove it)');
  });

  it('names the file in each line about it', () => {
    expect(failureText(new FileError('/c.json', new Error('line 1: a\nline 2: b')))).toBe(
      '/c.json: line 1: a\n/c.json: line 2: b',
    );
  });
});

describe('exitCodeOf', () => {
  it('is that of a shell where the failure has one', () => {
    const missing = new ContainerError('SystemError', 'x', { exitCode: 127 });
    expect(exitCodeOf(missing)).toBe(127);
    expect(exitCodeOf(new FlaggedError(missing, []))).toBe(127);
    expect(exitCodeOf(limit)).toBe(1);
    expect(exitCodeOf(new UsageError('x'))).toBe(1);
    expect(exitCodeOf(undefined)).toBe(1);
  });
});

describe('failureDetails', () => {
  it('has the chain of causes and the stack', () => {
    const cause = new Error('the kernel said no');
    const text = failureDetails(
      new FlaggedError(new ContainerError('SystemError', 'top', { step: 'mount', cause }), []),
    );
    expect(text).toMatch(/^top\n/);
    expect(text).toContain('Step: mount');
    expect(text).toContain('Caused by: Error: the kernel said no');
    expect(text).toContain('failure.test.ts');
    const plain = failureDetails(new Error('outer', { cause }));
    expect(plain).toContain('Error: outer');
    expect(plain).toContain('Caused by: Error: the kernel said no');
  });
});

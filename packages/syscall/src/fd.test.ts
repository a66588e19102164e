import { fstatSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { duplicate, Fd } from './fd.ts';
import { invoke } from './invoke.ts';
import { AT_FDCWD, fdAt } from './program/values.ts';

function open(): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH', 'O_CLOEXEC'] }));
}

describe('Fd', () => {
  it('closes the descriptor when the scope ends', () => {
    let number: number;
    {
      using dir = open();
      number = dir.fd;
      expect(fstatSync(number).isDirectory()).toBe(true);
    }
    expect(() => fstatSync(number)).toThrow('EBADF');
  });

  it('does not give its number away once closed, and closes once', () => {
    const dir = open();
    const number = dir.fd;
    dir.close();
    expect(dir.closed).toBe(true);
    expect(() => dir.fd).toThrow('the file descriptor is closed');
    using other = open();
    expect(other.fd).toBe(number);
    dir.close();
    dir[Symbol.dispose]();
    expect(fstatSync(other.fd).isDirectory()).toBe(true);
  });

  it('leaves a released descriptor open', () => {
    let number: number;
    {
      using dir = open();
      number = dir.release();
      expect(dir.closed).toBe(true);
    }
    using again = new Fd(number);
    expect(fstatSync(again.fd).isDirectory()).toBe(true);
  });

  it('tells when somebody else closed the number', () => {
    const dir = open();
    new Fd(dir.fd).close();
    expect(() => dir.close()).toThrow(/^close\(\d+\): EBADF \(bad file descriptor\)$/);
    expect(dir.closed).toBe(true);
  });

  it('refuses what is no descriptor', () => {
    for (const fd of [-1, -100, 0.5, Number.NaN]) expect(() => new Fd(fd)).toThrow(RangeError);
  });
});

describe('duplicate', () => {
  it('is the same open file, at a number of its own, closed by execve', () => {
    using file = open();
    using copy = duplicate(file, 40);
    expect(copy.fd).toBeGreaterThanOrEqual(40);
    expect(fstatSync(copy.fd)).toMatchObject({ ino: fstatSync(file.fd).ino });
    expect(readFileSync(`/proc/self/fdinfo/${copy.fd}`, 'utf8')).toMatch(/^flags:\s+0?12/m);
    file.close();
    expect(fstatSync(copy.fd).isDirectory()).toBe(true);
    expect(() => duplicate(fdAt(copy.fd + 1000))).toThrow('EBADF');
  });
});

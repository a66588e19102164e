import { describe, expect, it } from 'vitest';
import { invoke } from '../invoke.ts';
import { ProgramBuilder } from './builder.ts';
import { AT_FDCWD, fdAt } from './values.ts';

// What must not compile, for `tsc -b`: an expected error that is none is an error. The functions are never called.

export function descriptors(b: ProgramBuilder): void {
  const fd = b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH'] });
  const pid = b.call('getpid', {});
  const number = b.call('umask', { mask: 0o22 });
  // @ts-expect-error: a number is no descriptor
  b.call('close', { fd: 3 });
  // @ts-expect-error: a process id is no descriptor
  b.call('close', { fd: pid });
  // @ts-expect-error: nor is the result of umask
  b.call('close', { fd: number });
  // @ts-expect-error: a descriptor is no process id
  b.call('kill', { pid: fd, sig: 9 });
  // @ts-expect-error: a process id is no mode
  b.call('fchmod', { fd, mode: pid });
  // @ts-expect-error: a descriptor cannot be put where a process id is kept
  b.call('getpid', {}, { into: b.variable<'fd'>('x') });
}

export function flags(b: ProgramBuilder): void {
  // @ts-expect-error: a flag of mount(2)
  b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['MS_RDONLY'] });
  // @ts-expect-error: a misspelt flag
  b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_CLOSEXEC'] });
  // @ts-expect-error: a flag that is not in a list
  b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: 'O_PATH' });
  // @ts-expect-error: one of a kind, not several
  b.call('prctl', { op: ['PR_SET_NAME'] });
  // @ts-expect-error: pipe2(2) cannot create files
  b.call('pipe2', { pipefd: b.zeros(8, 'pipe'), flags: ['O_CREAT'] });
  // @ts-expect-error: an errno that is none
  b.call('getpid', {}, { on: { ENOTHING: 'ignore' } });
  // @ts-expect-error: an action that is none
  b.call('getpid', {}, { on: { EINTR: 'again' } });
}

export function shapes(b: ProgramBuilder): void {
  // @ts-expect-error: a forgotten argument
  b.call('fchdir', {});
  // @ts-expect-error: an argument of another call
  b.call('fchdir', { fd: AT_FDCWD, path: '/' });
  // @ts-expect-error: an argument that follows from another
  b.call('setgroups', { list: [], size: 0 });
  // @ts-expect-error: an unknown call
  b.call('fork', {});
  // @ts-expect-error: an unknown field of the structure
  b.call('openat2', { dirfd: AT_FDCWD, pathname: '/', how: { flag: ['O_PATH'] } });
  // @ts-expect-error: a flag of another field
  b.call('openat2', { dirfd: AT_FDCWD, pathname: '/', how: { resolve: ['O_PATH'] } });
  // @ts-expect-error: a path may not be null here
  b.call('chroot', { path: null });
  // @ts-expect-error: memory of this process is not that of the program
  b.call('read', { fd: fdAt(0), buf: new Uint8Array(4) });
  // @ts-expect-error: memory of a program is not that of this process
  invoke('read', { fd: fdAt(0), buf: b.zeros(4, 'x') });
  // @ts-expect-error: a field that the structure has not
  b.out('statx').field('statx', 'st_mode');
}

describe('arguments', () => {
  it('take the results of earlier calls, numbers and names, and may leave out what has a default', () => {
    const b = new ProgramBuilder('x64');
    const fd = b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH'] }, { as: 'root' });
    b.call('fchdir', { fd });
    b.call('fchdir', { fd: fdAt(7, 'other') });
    b.call('mount', { source: null, target: '/', filesystemtype: null, mountflags: 0x4000, data: null });
    b.call('kill', { pid: b.call('getppid', {}, { as: 'parent' }), sig: 0 });
    expect(
      b
        .build()
        .print()
        .map(({ text }) => text),
    ).toEqual([
      'openat(AT_FDCWD, "/", O_RDONLY|O_PATH, 000) = root',
      'fchdir(root)',
      'fchdir(7<other>)',
      'mount(NULL, "/", NULL, MS_REC, NULL)',
      'getppid() = parent',
      'kill(parent, 0)',
    ]);
  });
});

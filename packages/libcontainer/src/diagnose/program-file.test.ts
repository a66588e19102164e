import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeElf } from './fixtures/elf-file.ts';
import { findObstacle } from './program-file.ts';
import { assumedSubject, type Subject } from './subject.ts';
import { openContainerView, View } from './view.ts';
import { walk } from './walk.ts';

let rootfs: string;
const root = assumedSubject({ uid: 0, gid: 0, groups: [] });
/** Neither this process nor root owns the files for this one. */
const stranger = assumedSubject({ uid: 54_321, gid: 54_321, groups: [1, 2] });
const machine = process.arch === 'x64' ? 62 : 183;
const foreign = process.arch === 'x64' ? 183 : 62;

beforeEach(() => {
  rootfs = mkdtempSync(join(tmpdir(), 'nsinit-diagnose-'));
  chmodSync(rootfs, 0o755);
  put('bin/static', makeElf({ bits: 64, littleEndian: true, machine, type: 2 }));
});

afterEach(() => rmSync(rootfs, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array, mode = 0o755): void {
  const full = join(rootfs, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  chmodSync(full, mode);
}

function look(path: string, subject: Subject = root, cwd = '/') {
  using view = openContainerView({ rootfs })!;
  return findObstacle({ view, subject, cwd, formats: [] }, path);
}

describe('a program file', () => {
  it('has nothing in its way', () => {
    expect(look('/bin/static')).toBeUndefined();
    expect(look('bin/../bin/static')).toBeUndefined();
    expect(look('./static', root, '/bin')).toBeUndefined();
    expect(look('/bin/static', stranger)).toBeUndefined();
  });

  it('does not exist', () => {
    expect(look('/bin/none')).toMatchObject({ errno: 'ENOENT', cause: '', absent: true });
    expect(look('/opt/none')).toMatchObject({ errno: 'ENOENT', cause: '/opt does not exist', absent: true });
    symlinkSync('/bin/busybox', join(rootfs, 'bin/sh'));
    expect(look('/bin/sh')).toMatchObject({
      errno: 'ENOENT',
      cause: '/bin/sh is a symbolic link to /bin/busybox, and /bin/busybox does not exist',
    });
  });

  it('is reached through no directory, too many links or too long a name', () => {
    expect(look('/bin/static/x')).toMatchObject({ errno: 'ENOTDIR', cause: '/bin/static is not a directory' });
    symlinkSync('circle', join(rootfs, 'circle'));
    expect(look('/circle')).toMatchObject({ errno: 'ELOOP', path: '/circle' });
    expect(look(`/${'x'.repeat(256)}`)).toMatchObject({ errno: 'ENAMETOOLONG' });
    expect(look(`/${'x/'.repeat(2100)}`)).toMatchObject({ errno: 'ENAMETOOLONG' });
  });

  it('is a directory, or may not be executed, or its directory may not be searched', () => {
    expect(look('/bin')).toMatchObject({ errno: 'EACCES', cause: 'it is a directory' });
    put('bin/data', 'x', 0o644);
    expect(look('/bin/data')?.cause).toMatch(/^mode 0644, owner \d+:\d+, lets nobody execute it$/);
    put('bin/mine', '#!/bin/static\n', 0o744);
    expect(look('/bin/mine', stranger)?.cause).toMatch(
      /^mode 0744, owner \d+:\d+, does not let user 54321 \(groups 54321, 1, 2\) execute it$/,
    );
    expect(look('/bin/mine')).toBeUndefined();
    put('closed/x', '#!/bin/static\n');
    chmodSync(join(rootfs, 'closed'), 0o700);
    const refused = look('/closed/x', stranger);
    expect(refused).toMatchObject({ errno: 'EACCES', path: '/closed' });
    expect(refused?.cause).toMatch(/^directory \/closed: mode 0700, owner .* does not let user 54321 .* search it$/);
    expect(look('/closed/x')).toBeUndefined();
  });

  it('has an interpreter that is missing or cannot be used', () => {
    put('s1', '#!/usr/bin/nope -x\n');
    expect(look('/s1')).toMatchObject({
      errno: 'ENOENT',
      cause: 'its interpreter /usr/bin/nope does not exist',
      absent: false,
    });
    put('s2', '#!/bin/static\r\n');
    expect(look('/s2')?.cause).toContain('a carriage return at its end');
    put('plain', 'x', 0o644);
    put('s3', '#!/plain\n');
    expect(look('/s3')?.cause).toMatch(/^its interpreter \/plain cannot be used: mode 0644/);
    put('s4', '#!/s1\n');
    expect(look('/s4')?.cause).toBe('its interpreter /s1 cannot be used: its interpreter /usr/bin/nope does not exist');
    put('self', '#!/self\n');
    expect(look('/self')).toMatchObject({ errno: 'ELOOP' });
    put('empty-line', '#!\n');
    expect(look('/empty-line')).toMatchObject({ errno: 'ENOEXEC' });
  });

  it('has a loader that is missing, or is no loader', () => {
    const elf = (interpreter: string) => makeElf({ bits: 64, littleEndian: true, machine, type: 3, interpreter });
    put('dynamic', elf('/lib64/ld-none.so.2'));
    expect(look('/dynamic')).toMatchObject({
      errno: 'ENOENT',
      cause: 'its ELF interpreter /lib64/ld-none.so.2 does not exist',
      path: '/lib64/ld-none.so.2',
    });
    put('text', 'not a loader');
    put('strange', elf('/text'));
    expect(look('/strange')).toMatchObject({ errno: 'ELIBBAD' });
  });

  it('is for another machine, or no program', () => {
    put('foreign', makeElf({ bits: 64, littleEndian: true, machine: foreign, type: 2 }));
    expect(look('/foreign')).toMatchObject({
      errno: 'ENOEXEC',
      cause: expect.stringMatching(/^it is a program for (aarch64|x86_64), and this host is /),
    });
    expect(look('/foreign')?.hint).toContain('binfmt_misc');
    put('object', makeElf({ bits: 64, littleEndian: true, machine, type: 1 }));
    expect(look('/object')?.cause).toBe('it is an object file: link it');
    put('none', '');
    expect(look('/none')).toMatchObject({ errno: 'ENOEXEC', cause: 'the file is empty' });
    put('cut', makeElf({ bits: 64, littleEndian: true, machine, type: 2 }).subarray(0, 20));
    expect(look('/cut')?.cause).toMatch(/^it is a damaged ELF file: it is cut off/);
  });

  it('is run by an emulator that only the host has', () => {
    put('foreign', makeElf({ bits: 64, littleEndian: true, machine: foreign, type: 2 }));
    const format = { name: 'qemu-test', interpreter: '/usr/bin/qemu-test', matches: () => true };
    using view = openContainerView({ rootfs })!;
    const at = { view, subject: root, cwd: '/' };
    expect(findObstacle({ ...at, formats: [{ ...format, flags: 'OC' }] }, '/foreign')).toMatchObject({
      errno: 'ENOENT',
      cause: 'its emulator /usr/bin/qemu-test does not exist',
      hint: expect.stringContaining('flag F'),
    });
    expect(findObstacle({ ...at, formats: [{ ...format, flags: 'OCF' }] }, '/foreign')).toBeUndefined();
  });
});

describe('the way to a path', () => {
  it('never leaves the root', () => {
    symlinkSync('/etc/passwd', join(rootfs, 'absolute'));
    symlinkSync('../../../../../../etc/passwd', join(rootfs, 'up'));
    using view = openContainerView({ rootfs })!;
    for (const path of ['/absolute', '/up', '/../../etc/passwd', 'bin/../../../etc/passwd'])
      expect(walk(view, path)).toMatchObject({ outcome: 'missing', path: '/etc' });
  });

  it('stops at links when it is told to', () => {
    symlinkSync('bin', join(rootfs, 'link'));
    using view = openContainerView({ rootfs })!;
    expect(walk(view, '/link/static', { noSymlinks: true })).toMatchObject({
      outcome: 'symlink',
      path: '/link',
      hops: [{ path: '/link', target: 'bin' }],
    });
  });

  it('closes what it opened', () => {
    using view = openContainerView({ rootfs })!;
    const before = openFiles();
    for (const path of ['/bin/static/x', '/none', '/bin/../bin/../none', `/${'x'.repeat(300)}`, '/bin/static/']) {
      const end = walk(view, path);
      if (end.outcome === 'found') end.fd.close();
    }
    expect(findObstacle({ view, subject: root, cwd: '/', formats: [] }, '/bin/static')).toBeUndefined();
    expect(openFiles()).toBe(before);
  });

  it('does not enter file systems that a process answers for, unless they are the root', () => {
    using host = openContainerView({ rootfs: '/' })!;
    const proc = [...host.mounts.values()].find(({ mountPoint }) => mountPoint === '/proc')!;
    const fuse = new Map([[proc.id, { ...proc, fsType: 'fuse.sshfs' }]]);
    expect(walk(new View(host.root, fuse), '/proc/sys')).toMatchObject({ outcome: 'unknown', path: '/proc' });
    using below = openContainerView({ rootfs: '/proc' })!;
    const end = walk(new View(below.root, fuse), '/sys');
    expect(end.outcome).toBe('found');
    if (end.outcome === 'found') end.fd.close();
  });
});

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

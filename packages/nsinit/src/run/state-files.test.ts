import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateFiles } from './state-files.ts';

let dir: string;
let host: string;
const at = (name: string): string => join(dir, name);

beforeEach(() => {
  const work = mkdtempSync(join(tmpdir(), 'nsinit-state-files-'));
  dir = join(work, 'rootfs');
  host = join(work, 'host');
  mkdirSync(dir);
  writeFileSync(host, 'precious');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

describe('StateFiles', () => {
  it('stands while it is wanted, and is gone without a trace then', () => {
    {
      using files = new StateFiles(dir);
      files.write('{"init_process_pid":7}', 7);
      expect(readFileSync(at('state.json'), 'utf8')).toBe('{"init_process_pid":7}');
      expect(readFileSync(at('.nspid'), 'utf8')).toBe('7');
      expect(readdirSync(dir).sort()).toEqual(['.nspid', 'state.json']);
    }
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each(['state.json', '.nspid'])('never follows a symbolic link that stands at %s', (name) => {
    symlinkSync(host, at(name));
    {
      using files = new StateFiles(dir);
      files.write('{}', 7);
      expect(lstatSync(at(name)).isFile()).toBe(true);
      expect(readFileSync(host, 'utf8')).toBe('precious');
    }
    expect(readFileSync(host, 'utf8')).toBe('precious');
    expect(existsSync(at(name))).toBe(false);
  });

  it('does not create what a dangling link points to', () => {
    const target = join(dir, '..', 'made');
    symlinkSync(target, at('.nspid'));
    using files = new StateFiles(dir);
    files.write('{}', 7);
    expect(existsSync(target)).toBe(false);
  });

  it('leaves alone what has been put in its place', () => {
    const files = new StateFiles(dir);
    files.write('{}', 7);
    writeFileSync(at('other'), 'mine');
    renameSync(at('other'), at('state.json'));
    rmSync(at('.nspid'));
    symlinkSync(host, at('.nspid'));
    files[Symbol.dispose]();
    expect(readFileSync(at('state.json'), 'utf8')).toBe('mine');
    expect(lstatSync(at('.nspid')).isSymbolicLink()).toBe(true);
    expect(readFileSync(host, 'utf8')).toBe('precious');
  });

  it('keeps to its directory when the path is led elsewhere', () => {
    const files = new StateFiles(dir);
    renameSync(dir, `${dir}.moved`);
    symlinkSync('/nonexistent', dir);
    files.write('{}', 7);
    expect(readdirSync(`${dir}.moved`).sort()).toEqual(['.nspid', 'state.json']);
    files[Symbol.dispose]();
    expect(readdirSync(`${dir}.moved`)).toEqual([]);
  });

  it('replaces what a killed run left', () => {
    writeFileSync(at('state.json'), '{"id":"x","init_process_pid":3}');
    writeFileSync(at('.nspid'), '3\n');
    using files = new StateFiles(dir);
    files.write('{"init_process_pid":7}', 7);
    expect(readFileSync(at('.nspid'), 'utf8')).toBe('7');
  });

  it('removes what a killed run left, and no link', () => {
    writeFileSync(at('state.json'), '{"id":"x","init_process_pid":3}');
    symlinkSync(host, at('.nspid'));
    using files = new StateFiles(dir);
    files.removeOld();
    expect(readdirSync(dir)).toEqual(['.nspid']);
    expect(readFileSync(host, 'utf8')).toBe('precious');
  });

  it.each([
    ['state.json', '{"my": "application"}'],
    ['.nspid', 'not a number'],
  ])('does not replace a file %s of somebody else', (name, text) => {
    writeFileSync(at(name), text);
    {
      using files = new StateFiles(dir);
      expect(() => files.write('{}', 7)).toThrow(`there is a file ${name} already`);
    }
    {
      using files = new StateFiles(dir);
      expect(() => files.removeOld()).toThrow(`there is a file ${name} already`);
    }
    expect(readFileSync(at(name), 'utf8')).toBe(text);
  });

  it('says that a directory stands in the way, and leaves nothing', () => {
    mkdirSync(at('.nspid'));
    {
      using files = new StateFiles(dir);
      expect(() => files.write('{}', 7)).toThrow(/EISDIR|ENOTEMPTY/);
    }
    expect(readdirSync(dir)).toEqual(['.nspid']);
  });
});

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileError } from './file-error.ts';
import { loadConfig } from './load.ts';
import { liesWithin, locate } from './locate.ts';

let dir: string;
const at = (...parts: readonly string[]): string => join(dir, ...parts);
const put = (text: string, ...parts: readonly string[]): void => writeFileSync(at(...parts, 'container.json'), text);

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'nsinit-locate-')));
  for (const name of ['cwd', 'root', 'other']) mkdirSync(at(name));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('locate', () => {
  it('finds nothing: the template of the current directory', () => {
    expect(locate(at('cwd'), undefined, undefined)).toMatchObject({
      path: undefined,
      rootfs: at('cwd'),
      directory: undefined,
    });
    expect(locate(at('cwd'), '', at('root'))).toMatchObject({ path: undefined });
  });

  it('finds the one in the current directory', () => {
    put('{}', 'cwd');
    expect(locate(at('cwd'), undefined, at('root'))).toMatchObject({
      path: at('cwd', 'container.json'),
      rootfs: at('cwd'),
      directory: at('cwd'),
    });
  });

  it('prefers the one of --root, for the root file system of the current directory', () => {
    put('{}', 'cwd');
    put('{}', 'root');
    expect(locate(at('cwd'), undefined, '../root')).toMatchObject({
      path: at('root', 'container.json'),
      rootfs: at('cwd'),
      directory: at('root'),
    });
  });

  it('prefers the one that is named, for the directory in which it lies', () => {
    put('{}', 'cwd');
    put('{}', 'root');
    expect(locate(at('cwd'), '../other/x.json', at('root'))).toMatchObject({
      path: at('other', 'x.json'),
      rootfs: at('other'),
      directory: undefined,
    });
  });
});

describe('loadConfig', () => {
  it('reads a file, whose relative root file system counts from its directory', () => {
    put('{"rootfs": "tree"}', 'root');
    expect(loadConfig(locate(at('cwd'), undefined, at('root'))).config.rootfs).toBe(at('root', 'tree'));
    put('{"hostname": "x"}', 'cwd');
    expect(loadConfig(locate(at('cwd'), undefined, undefined)).config).toEqual({ rootfs: at('cwd'), hostname: 'x' });
  });

  it('names the file and the place of what is wrong', () => {
    put('{\n "hostnam": "x"\n}', 'cwd');
    const load = () => loadConfig(locate(at('cwd'), undefined, undefined));
    expect(load).toThrow(FileError);
    expect(load).toThrow(`${at('cwd', 'container.json')}: line 2, column 2: hostnam: unknown key`);
    expect(() => loadConfig(locate(at('cwd'), 'gone.json', undefined))).toThrow(/gone\.json: ENOENT/);
  });
});

describe('liesWithin', () => {
  it('looks through links and does not mistake a common beginning for a directory', () => {
    mkdirSync(at('cwd', 'inner'));
    mkdirSync(at('cwd2'));
    symlinkSync(at('cwd', 'inner'), at('link'));
    expect(liesWithin(at('cwd'), at('cwd'))).toBe(true);
    expect(liesWithin(at('link'), at('cwd'))).toBe(true);
    expect(liesWithin(at('cwd2'), at('cwd'))).toBe(false);
    expect(liesWithin(at('gone'), at('cwd'))).toBe(false);
    expect(liesWithin(at('cwd'), '/')).toBe(false);
  });
});

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { template } from '../template.ts';
import { systemHost } from './host.ts';
import { findProblems } from './validate.ts';

describe('systemHost', () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'nsinit-config-')));
  afterAll(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'root'));
  symlinkSync('root', join(directory, 'link'));
  writeFileSync(join(directory, 'file'), '');
  const rootfsProblems = (name: string) =>
    findProblems(template({ rootfs: join(directory, name) }), systemHost())
      .filter(({ path }) => path === 'rootfs')
      .map(({ message }) => message);

  it('sees what a root file system is', () => {
    expect(rootfsProblems('root')).toEqual([]);
    expect(rootfsProblems('link')).toEqual([`${directory}/link is not an absolute path or is a symlink`]);
    expect(rootfsProblems('file')).toEqual([`${directory}/file is not a directory`]);
    expect(rootfsProblems('gone')).toEqual([`lstat ${directory}/gone: no such file or directory`]);
    expect(rootfsProblems('file/a')).toEqual([`lstat ${directory}/file/a: not a directory`]);
  });

  it('sees the namespaces of this kernel', () => {
    expect(systemHost().exists('/proc/self/ns/mnt')).toBe(true);
    expect(systemHost().exists('/proc/self/ns/none')).toBe(false);
  });
});

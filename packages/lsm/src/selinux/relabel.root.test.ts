import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileLabel, relabel, setFileLabel } from './relabel.ts';

const label = 'system_u:object_r:svirt_sandbox_file_t:s0:c1,c2';
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nsinit-relabel-'));
  mkdirSync(join(dir, 'tree/below'), { recursive: true });
  writeFileSync(join(dir, 'tree/below/file'), '');
  writeFileSync(join(dir, 'outside'), '');
  symlinkSync(join(dir, 'outside'), join(dir, 'tree/link'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const labels = () =>
  ['tree', 'tree/below', 'tree/below/file', 'tree/link', 'outside'].map((name) => fileLabel(join(dir, name)));

// Without SELinux the kernel keeps labels of files as it keeps any attribute.
describe('files', () => {
  it('get the label of one container, or that of all', async () => {
    await relabel(join(dir, 'tree'), label, 'Z');
    expect(labels()).toEqual([label, label, label, label, undefined]);
    await relabel(join(dir, 'tree'), label, 'z');
    const shared = 'system_u:object_r:svirt_sandbox_file_t:s0';
    expect(labels()).toEqual([shared, shared, shared, shared, undefined]);
  });

  it('get none without a label, or a wish', async () => {
    await relabel(join(dir, 'tree'), '', 'z');
    await relabel(join(dir, 'tree'), label, '');
    await relabel('/', label, 'x');
    expect(labels()).toEqual(Array(5).fill(undefined));
  });

  it('may be a single one', async () => {
    await relabel(join(dir, 'outside'), label, 'Z');
    expect(fileLabel(join(dir, 'outside'))).toBe(label);
    setFileLabel(join(dir, 'outside'), 'a:b:c:s0');
    expect(fileLabel(join(dir, 'outside'))).toBe('a:b:c:s0');
  });
});

describe('what is refused', () => {
  it.each(['/', '/usr', '/etc', '/usr/..', '/etc/', '/home'])('is the directory %s', async (path) => {
    await expect(relabel(path, label, 'Z')).rejects.toThrow(`Relabeling of ${path} is not allowed`);
  });

  it('is what is in /usr, by whatever name', async () => {
    const message = 'Relabeling content in /usr is not allowed.';
    await expect(relabel('/usr/bin', label, 'z')).rejects.toThrow(message);
    symlinkSync('/usr/share', join(dir, 'share'));
    await expect(relabel(join(dir, 'share'), label, 'z')).rejects.toThrow(message);
    symlinkSync('/etc', join(dir, 'etc'));
    await expect(relabel(join(dir, 'etc'), label, 'z')).rejects.toThrow(/Relabeling of .* is not allowed/);
  });

  it('is both at once, a file that is not there, and a label that is none', async () => {
    await expect(relabel(join(dir, 'tree'), label, 'zZ')).rejects.toThrow('z and Z can not be used together');
    await expect(relabel(join(dir, 'absent'), label, 'z')).rejects.toThrow(/ENOENT/);
    await expect(relabel(join(dir, 'tree'), 'nonsense', 'z')).rejects.toThrow(/is not an SELinux label/);
    expect(() => fileLabel(join(dir, 'absent'))).toThrow(/absent/);
  });
});

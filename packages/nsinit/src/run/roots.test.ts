import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stateRoot } from './roots.ts';

it('keeps the state where processes of the container cannot write', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'nsinit-roots-')));
  try {
    const rootfs = join(dir, 'rootfs');
    mkdirSync(rootfs);
    const found = (directory: string | undefined) => ({ directory });
    expect(stateRoot(dir, undefined, found(rootfs), rootfs)).toBe('/var/run/nsinit');
    expect(stateRoot(dir, 'rootfs', found(rootfs), rootfs)).toBe('/var/run/nsinit');
    expect(stateRoot(rootfs, '..', found(dir), rootfs)).toBe(dir);
    expect(stateRoot(dir, 'elsewhere', found(undefined), rootfs)).toBe(join(dir, 'elsewhere'));
    // Without a container.json in it the directory was given for the state and nothing else.
    expect(stateRoot(dir, 'rootfs', found(undefined), rootfs)).toBe(rootfs);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

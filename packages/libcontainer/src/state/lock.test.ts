import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from './lock.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nsinit-lock-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

describe('the lock of a directory', () => {
  it('is shared by those who agree, and by nobody else', async () => {
    const first = await lockDirectory(dir, 'shared');
    const second = await lockDirectory(dir, 'shared');
    let exclusive = false;
    const third = lockDirectory(dir, 'exclusive').then((lock) => {
      exclusive = true;
      return lock;
    });
    first?.close();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(exclusive).toBe(false);
    second?.close();
    (await third)?.close();
  });

  it('gives up when it is told to', async () => {
    using _held = await lockDirectory(dir, 'exclusive');
    const abort = new AbortController();
    const waiting = lockDirectory(dir, 'exclusive', abort.signal);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow(/enough|aborted/);
  });

  it('is of no use when the directory went while one waited, or another took its place', async () => {
    const [a, b] = [join(dir, 'a'), join(dir, 'b')];
    mkdirSync(a);
    const held = await lockDirectory(a, 'exclusive');
    const waiting = lockDirectory(a, 'exclusive');
    renameSync(a, b);
    mkdirSync(a);
    held?.close();
    expect(await waiting).toBe(undefined);
    expect(await lockDirectory(join(dir, 'absent'), 'shared')).toBe(undefined);
  });

  it('is not taken through a link', async () => {
    symlinkSync('/tmp', join(dir, 'link'));
    await expect(lockDirectory(join(dir, 'link'), 'shared')).rejects.toMatchObject({ code: 'SystemError' });
  });
});

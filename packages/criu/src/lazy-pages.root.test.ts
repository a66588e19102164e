import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { tryInvoke } from '@nsinit/syscall';
import { beforeAll, describe, expect, it } from 'vitest';
import { Criu, lazyPagesListen } from './index.ts';
import { realCriu } from './testing/real-criu.ts';
import { runs, Scene, until } from './testing/target.ts';

let criu: Criu;
beforeAll(() => {
  criu = new Criu({ path: realCriu() });
});

/** Images of a counter with some memory. */
async function dumped(scene: Scene): Promise<{ readonly imagesDirectory: string; readonly workDirectory: string }> {
  const pid = await scene.counter(8);
  await until('the counter', () => (scene.count() ?? 0) >= 1);
  const imagesDirectory = scene.images();
  await criu.dump({ pid, imagesDirectory }).result();
  return { imagesDirectory, workDirectory: scene.images('work') };
}

describe('lazy pages from images', () => {
  it('come while the tree runs on already, all of them', async () => {
    using scene = new Scene();
    const directories = await dumped(scene);
    const stopped = scene.count()!;
    expect(lazyPagesListen(directories.workDirectory)).toBe(false);
    const memory = await criu.lazyPages(directories);
    expect(lazyPagesListen(directories.workDirectory)).toBe(true);
    const restored = await criu.restore({ ...directories, lazyPages: true }).result();
    scene.adopt(restored.pid);
    // What is not restored yet is what makes it lazy.
    expect(restored.statistics!.pagesRestored).toBeLessThan(2048n);
    await until('the counter again', () => scene.count()! > stopped);
    await memory.done();
    expect(readdirSync(directories.workDirectory).sort()).toEqual(['lazy-pages.log', 'restore.log', 'stats-restore']);
    const seen = scene.count()!;
    await until('the counter, without help', () => scene.count()! > seen);
  });

  it('are missed by a lazy restore without them', async () => {
    using scene = new Scene();
    const directories = await dumped(scene);
    await expect(criu.restore({ ...directories, lazyPages: true }).result()).rejects.toMatchObject({
      message: expect.stringContaining('connect to lazy-pages.socket failed'),
      remedy: 'start criu lazy-pages in the same work directory first',
    });
  });

  it('are told when they cannot be handed over any more', async () => {
    using scene = new Scene();
    const directories = await dumped(scene);
    const memory = await criu.lazyPages(directories);
    tryInvoke('kill', { pid: memory.pid, sig: 9 });
    await expect(memory.done()).rejects.toMatchObject({
      kind: 'died',
      request: 'lazy-pages',
      message: expect.stringContaining('killed by SIGKILL'),
    });
  });
});

describe('the program that hands lazy pages over', () => {
  it('is one in a work directory, and takes the place of one that is gone', async () => {
    using scene = new Scene();
    const directories = await dumped(scene);
    const path = join(directories.workDirectory, 'lazy-pages.socket');
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(path, resolve));
    await expect(criu.lazyPages(directories)).rejects.toMatchObject({
      message: expect.stringContaining(`another one waits at ${path}`),
    });
    await new Promise((resolve) => other.close(resolve));
    await using memory = await criu.lazyPages(directories);
    expect(runs(memory.pid)).toBe(true);
  });

  it('ends when it is left, or aborted, and leaves nothing but its log', async () => {
    using scene = new Scene();
    const directories = await dumped(scene);
    let pid: number;
    {
      await using memory = await criu.lazyPages(directories);
      pid = memory.pid;
    }
    expect(runs(pid)).toBe(false);
    await expect(criu.lazyPages({ ...directories, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    const controller = new AbortController();
    const started = criu.lazyPages({ ...directories, signal: controller.signal });
    controller.abort();
    await expect(started).rejects.toMatchObject({ kind: 'aborted', request: 'lazy-pages' });
    expect(readdirSync(directories.workDirectory).filter((name) => name !== 'lazy-pages.log')).toEqual([]);
  });

  it('says why it does not start', async () => {
    using scene = new Scene();
    const empty = scene.images();
    await expect(criu.lazyPages({ imagesDirectory: scene.path('absent') })).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(criu.lazyPages({ imagesDirectory: empty })).rejects.toMatchObject({
      kind: 'died',
      message: expect.stringMatching(/^criu lazy-pages failed: .*exit status 1/),
      logPath: join(empty, 'lazy-pages.log'),
    });
    await expect(new Criu({ path: '/absent/criu' }).lazyPages({ imagesDirectory: empty })).rejects.toMatchObject({
      kind: 'missing',
    });
  });
});

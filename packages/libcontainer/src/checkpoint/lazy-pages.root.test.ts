import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Criu } from '@nsinit/criu';
import { tryInvoke } from '@nsinit/syscall';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Checkpointed, eventually } from '../testing/checkpointed.ts';
import { compile, memorySource } from '../testing/compile.ts';
import { testCriu } from '../testing/criu.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();
const criuPath = testCriu();
beforeAll(() => compile(sandbox(), 'memory', memorySource));
// pause(2) reads nothing: it does not notice what becomes of its memory.
beforeAll(() =>
  compile(
    sandbox(),
    'still',
    `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) { char *memory = malloc(16 << 20); memset(memory, 1, 16 << 20); FILE *f = fopen("/tmp/count", "w"); fputs("1\\n2\\n3\\n", f); fclose(f);
  for (;;) pause(); }`,
  ),
);
beforeEach(() => rmSync(join(sandbox().rootfs, 'tmp'), { recursive: true }));
beforeEach(() => mkdirSync(join(sandbox().rootfs, 'tmp'), { mode: 0o1777 }));

/** A checkpoint of a process with 16 MiB. */
async function saved(criu = criuPath, program = 'memory') {
  const scene = await Checkpointed.create(sandbox(), sandbox().config(), criu);
  await scene.run([program]);
  await eventually(() => expect(scene.count()).toBeGreaterThan(2));
  const { imagesDirectory } = await scene.save();
  return { scene, imagesDirectory, workDirectory: scene.images('work') };
}

const SIGKILL = 9;
const SIGSTOP = 19;

/** Whether a process, by its id, hands memory over for a work directory. */
function hands(pid: number, workDirectory: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.includes('lazy-pages') && words.includes(workDirectory);
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) return false;
    throw error;
  }
}

/** The programs that hand memory over for a work directory. */
const handing = (workDirectory: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => hands(pid, workDirectory));

/** A criu that ends at once when it is to hand memory over to a restore. */
function criuThat(script: string): string {
  const path = join(sandbox().dir, 'criu');
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = lazy-pages ]; then ${script}; fi\nexec '${criuPath}' "$@"\n`, {
    mode: 0o755,
  });
  return path;
}

describe('a lazy restore', () => {
  it('lets the container go on before its memory is there, and ends when it is', async () => {
    const { scene, imagesDirectory, workDirectory } = await saved();
    await using _ = scene;
    const stopped = scene.count();
    const { lazyMemory: memory, statistics } = await scene.restoreWith(imagesDirectory, {
      workDirectory,
      lazyPages: true,
    });
    expect(statistics!.pagesRestored).toBeLessThan(4096n);
    expect(await scene.container.status()).toBe(Status.Running);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    await memory!.done();
    expect(hands(memory!.pid, workDirectory)).toBe(false);
    expect(readdirSync(workDirectory).sort()).toEqual(['lazy-pages.log', 'restore.log', 'stats-restore']);
    const seen = scene.count();
    await eventually(() => expect(scene.count()).toBeGreaterThan(seen));
    expect((await exec(scene.container, ['true'])).status).toBe(0);
  });

  it('leaves nobody behind when the container is destroyed meanwhile', async () => {
    const { scene, imagesDirectory, workDirectory } = await saved();
    await using _ = scene;
    const { lazyMemory: memory } = await scene.restoreWith(imagesDirectory, { workDirectory, lazyPages: true });
    await scene.container.destroy({ force: true });
    await memory!.done();
    expect(hands(memory!.pid, workDirectory)).toBe(false);
  });

  it('ends the container when memory is lost, which would read as zeros', async () => {
    const { scene, imagesDirectory, workDirectory } = await saved(criuPath, 'still');
    await using _ = scene;
    const { lazyMemory, running } = await scene.restoreWith(imagesDirectory, {
      workDirectory,
      lazyPages: true,
      // From here on it hands nothing over any more, and the restore wants nothing of it but to be there.
      onStep: (step) => {
        if (step === 'pre-resume') for (const pid of handing(workDirectory)) tryInvoke('kill', { pid, sig: SIGSTOP });
      },
    });
    tryInvoke('kill', { pid: lazyMemory!.pid, sig: SIGKILL });
    await expect(lazyMemory!.done()).rejects.toMatchObject({ message: expect.stringContaining('killed by SIGKILL') });
    expect(await running.result).toMatchObject({ status: -SIGKILL });
  });

  it('uses the program that waits in the work directory already', async () => {
    const { scene, imagesDirectory, workDirectory } = await saved();
    await using _ = scene;
    mkdirSync(workDirectory);
    await using own = await new Criu({ path: criuPath }).lazyPages({ imagesDirectory, workDirectory });
    const stopped = scene.count();
    const { lazyMemory: memory } = await scene.restoreWith(imagesDirectory, { workDirectory, lazyPages: true });
    expect(memory).toBe(undefined);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    await own.done();
  });
});

describe('a lazy restore that fails', () => {
  /** Nothing is left but the checkpoint, which is restored as any other. */
  async function isWhole(scene: Checkpointed, imagesDirectory: string, workDirectory: string): Promise<void> {
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    expect(existsSync(join(workDirectory, 'lazy-pages.socket'))).toBe(false);
    const stopped = scene.count();
    await scene.restore(imagesDirectory);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
  }

  it('says that nobody has the memory', async () => {
    const { scene, imagesDirectory, workDirectory } = await saved();
    await using _ = scene;
    const nobody = { address: '127.0.0.1', port: 9 };
    const error = await failure(scene.restore(imagesDirectory, { workDirectory, lazyPages: true, pageServer: nobody }));
    expect(error).toMatchObject({
      step: 'restore',
      message: expect.stringMatching(/^criu lazy-pages failed: .*Can't connect to server 127.0.0.1:9/),
      hint: 'start a page server at that address first',
      path: join(workDirectory, 'lazy-pages.log'),
    });
    await isWhole(scene, imagesDirectory, workDirectory);
  });

  it('says why the memory cannot be handed over', async () => {
    const { scene, imagesDirectory, workDirectory } = await saved(criuThat('echo no room >&2; exit 3'));
    await using _ = scene;
    const error = await failure(scene.restore(imagesDirectory, { workDirectory, lazyPages: true }));
    expect(error).toMatchObject({ step: 'restore', message: expect.stringMatching(/exit status 3.*no room/) });
    await isWhole(scene, imagesDirectory, workDirectory);
  });

  it('tells that a user namespace may not have it', async () => {
    const maps = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    const config = sandbox().config();
    await using scene = await Checkpointed.create(
      sandbox(),
      {
        ...config,
        namespaces: [...config.namespaces!, { type: 'NEWUSER' }],
        uidMappings: maps,
        gidMappings: maps,
      },
      criuPath,
    );
    await scene.run(['sleep', '1000']);
    const { imagesDirectory } = await scene.save();
    const workDirectory = scene.images('work');
    expect(readFileSync('/proc/sys/vm/unprivileged_userfaultfd', 'utf8')).toBe('0\n');
    const error = await failure(scene.restore(imagesDirectory, { workDirectory, lazyPages: true }));
    expect(error).toMatchObject({ hint: expect.stringContaining('vm.unprivileged_userfaultfd') });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    expect(handing(workDirectory)).toEqual([]);
    await scene.restore(imagesDirectory);
    expect(await scene.container.status()).toBe(Status.Running);
  });

  it('ends the program when it is aborted', async () => {
    const { scene, imagesDirectory, workDirectory } = await saved();
    await using _ = scene;
    const controller = new AbortController();
    const restored = scene.restore(imagesDirectory, {
      workDirectory,
      lazyPages: true,
      signal: controller.signal,
      onStep: () => controller.abort(),
    });
    expect(await failure(restored)).toMatchObject({ message: expect.stringContaining('aborted') });
    await isWhole(scene, imagesDirectory, workDirectory);
  });
});

describe('a lazy checkpoint', () => {
  it('is refused without a place where its memory is fetched, and before the last one', async () => {
    await using scene = await Checkpointed.create(sandbox(), sandbox().config(), criuPath);
    await scene.run(['sleep', '1000']);
    expect(await failure(scene.save({ lazyPages: true }))).toMatchObject({
      code: 'ConfigInvalid',
      field: 'lazyPages',
      hint: expect.stringContaining('pageServer'),
    });
    const pageServer = { address: '127.0.0.1', port: 1 };
    expect(await failure(scene.save({ lazyPages: true, pageServer, preDump: true }))).toMatchObject({
      code: 'ConfigInvalid',
      field: 'lazyPages',
    });
    expect(await scene.container.status()).toBe(Status.Running);
  });
});

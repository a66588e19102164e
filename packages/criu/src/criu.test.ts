import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Criu } from './index.ts';
import { fakeCriu } from './testing/fake-criu.ts';

describe('version', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'criu-version-'));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** A program that is started for real, and is no criu. */
  function program(name: string, script: string): Criu {
    const path = join(directory, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return new Criu({ path });
  }

  it('is asked from the service', async () => {
    const spawn = fakeCriu(async (service) => {
      const request = await service.receive();
      expect(request).toEqual({ type: 'VERSION' });
      const version = { major_number: 4, minor_number: 1, sublevel: 1, gitid: 'v4.1.1' };
      service.send({ type: 'VERSION', success: true, version });
      return { code: 0, signal: null };
    });
    expect(await new Criu({ spawn }).version()).toEqual({ major: 4, minor: 1, sublevel: 1, gitId: 'v4.1.1' });
  });

  it('of one that is missing', async () => {
    const path = join(directory, 'absent');
    await expect(new Criu({ path }).version()).rejects.toMatchObject({
      kind: 'missing',
      message: `criu version: there is no ${path}; install criu, or name its path`,
    });
  });

  it('of one that cannot be executed', async () => {
    writeFileSync(join(directory, 'text'), 'text');
    await expect(new Criu({ path: join(directory, 'text') }).version()).rejects.toMatchObject({ kind: 'broken' });
  });

  it('of one that does not start', async () => {
    const criu = program('broken', 'echo "criu: error while loading shared libraries: libnet.so.1" >&2; exit 127');
    await expect(criu.version()).rejects.toMatchObject({
      kind: 'broken',
      message: expect.stringContaining(
        '(--version ended with 127): criu: error while loading shared libraries: libnet.so.1',
      ),
    });
  });

  it('of one that is too old', async () => {
    const criu = program('old', 'if [ "$1" = --version ]; then echo "Version: 2.12.1"; else exit 1; fi');
    await expect(criu.version()).rejects.toMatchObject({
      kind: 'too-old',
      message: expect.stringContaining('is criu 2.12.1, which is too old; install criu 3.17 or newer'),
    });
  });

  it('of one that tells it on the command line only', async () => {
    const criu = program(
      'printed',
      'if [ "$1" = --version ]; then echo "Version: 4.0"; echo "GitID: v4.0-5-gabc"; else exit 1; fi',
    );
    expect(await criu.version()).toEqual({ major: 4, minor: 0, sublevel: 0, gitId: 'v4.0-5-gabc' });
  });
});

describe('features', () => {
  it('that an older criu does not know are absent', async () => {
    const spawn = fakeCriu(async (service) => {
      expect(await service.receive()).toMatchObject({ type: 'FEATURE_CHECK', features: { lazy_pages: true } });
      service.send({ type: 'FEATURE_CHECK', success: true, features: { mem_track: true } });
      return { code: 0, signal: null };
    });
    expect(await new Criu({ spawn }).features()).toEqual({
      memoryTracking: true,
      lazyPages: false,
      pidfdStore: false,
    });
  });
});

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFactory, Process, parseConfig, shellExitCode } from '@nsinit/libcontainer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWithMounts } from './mount-outside.ts';
import { lookAround, runInContainer } from './run-a-container.ts';

const buildRootfs = (kind: 'busybox' | 'debian', dir: string) => {
  const script = fileURLToPath(new URL('../scripts/rootfs.mjs', import.meta.url));
  execFileSync(process.execPath, [script, kind, dir], { stdio: ['ignore', 'ignore', 'inherit'] });
};

let work: string;
let rootfs: string;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nsinit-examples-'));
  // Root of a user namespace is somebody else out here, and must be let through.
  chmodSync(work, 0o755);
  rootfs = join(work, 'rootfs');
  buildRootfs('busybox', rootfs);
});

afterAll(() => {
  rmSync(work, { recursive: true });
});

test('run-a-container runs its command as process 1 and user daemon, and ends as it did', async () => {
  const script =
    '[ $$ = 1 ] && [ "$(id -un)" = daemon ] && [ "$(hostname)" = testing ] && [ "$(ulimit -n)" = 1024 ] && exit 7';
  expect(await runInContainer(join(work, 'state'), rootfs, ['/bin/sh', '-c', script])).toBe(7);
});

test("run-a-container runs in Debian's minimal system", async (ctx) => {
  const missing = process.env['NSINIT_TEST_DEBIAN_MISSING'];
  if (missing) ctx.skip(missing);
  const debian = join(work, 'debian');
  buildRootfs('debian', debian);
  const script =
    '[ $$ = 1 ] && [ "$(id -un)" = daemon ] && grep -q Debian /etc/os-release && [[ $(hostname) = testing ]] && exit 8';
  expect(await runInContainer(join(work, 'state'), debian, ['/bin/bash', '-c', script])).toBe(8);
});

test('mount-outside mounts a tmpfs for a container that may not, and nothing else', async () => {
  const script = [
    'mkdir -p /dev/shm/a && ln -s /dev/shm/a /dev/shm/link && mount -t tmpfs none /dev/shm/link || exit 1',
    'grep -q "^[^ ]* /dev/shm/a tmpfs .*nosuid,nodev.*size=1024k" /proc/self/mounts || exit 2',
    'touch /dev/shm/a/file || exit 3',
    'mount -t proc none /dev/shm 2>/dev/null && exit 4',
    'mount -t tmpfs none /not/there 2>/dev/null && exit 5',
    // Bit 21 is CAP_SYS_ADMIN.
    'grep CapEff: /proc/self/status | grep -q "[014589cd].....$" || exit 6',
    'exit 9',
  ].join('\n');
  expect(await runWithMounts(join(work, 'state'), rootfs, ['/bin/sh', '-c', script])).toBe(9);
});

test('lookAround sees the one process that lasts', async () => {
  expect(await lookAround(join(work, 'state'), rootfs)).toEqual([expect.any(Number)]);
});

/** What each sample shows, as a shell sees it inside. */
const samples = {
  minimal: '[ $$ = 1 ] && [ "$(hostname)" = nsinit ] && [ "$(ulimit -n)" = 1024 ]',
  'host-pid': '[ $$ != 1 ] && [ "$(hostname)" = nsinit ]',
  userns: '[ $$ = 1 ] && [ "$(id -u)" = 0 ] && grep -q "0 *1000 *1$" /proc/self/uid_map',
};

test.for(Object.entries(samples))('%s.json runs', async ([name, script], { expect }) => {
  const text = readFileSync(new URL(`sample_configs/${name}.json`, import.meta.url), 'utf8');
  const { config } = parseConfig(text, { rootfs });
  const factory = await createFactory(join(work, 'state'));
  const container = await factory.create(name.replace('-', '_'), config);
  try {
    const shell = new Process({ args: ['/bin/sh', '-c', script], env: ['PATH=/bin:/usr/bin'] });
    await container.start(shell);
    expect(shellExitCode(await shell.wait())).toBe(0);
  } finally {
    await container.destroy();
  }
});

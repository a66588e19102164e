import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { Process } from '../process/process.ts';
import { Status } from '../status.ts';
import { Capture } from '../testing/capture.ts';
import { Checkpointed, counter, eventually } from '../testing/checkpointed.ts';
import { compile } from '../testing/compile.ts';
import { testCriu } from '../testing/criu.ts';
import { environment, exec, failure, start, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();
beforeEach(() => rmSync(join(sandbox().rootfs, 'tmp/count'), { force: true }));

const create = (config = sandbox().config()) => Checkpointed.create(sandbox(), config);

describe('a container that is checkpointed and restored', () => {
  it('goes on with the pipes that it is given', async () => {
    const factory = await sandbox().factory({ criuPath: testCriu() });
    const id = sandbox().nextId();
    const container = await factory.create(id, sandbox().config());
    const first = await start(container, ['cat'], { process: { stdin: new PassThrough() } });
    expect(await container.status()).toBe(Status.Running);

    const { imagesDirectory, statistics } = await container.checkpoint();
    expect(statistics!.pagesWritten).toBeGreaterThan(0n);
    expect(await container.status()).toBe(Status.Checkpointed);
    expect((await first.result).status).toBe(-9);

    const loaded = await factory.load(id);
    expect(await loaded.status()).toBe(Status.Checkpointed);
    const stdin = new PassThrough();
    const stdout = new Capture();
    const process = new Process({ args: [], env: environment, stdin, stdout });
    await loaded.restore(process, { imagesDirectory });
    expect(await loaded.status()).toBe(Status.Running);
    expect(await container.status()).toBe(Status.Running);
    stdin.end('Hello!');
    expect(await process.wait()).toMatchObject({ exitCode: 0 });
    expect(stdout.text()).toBe('Hello!');
    expect(await loaded.status()).toBe(Status.Destroyed);
    expect(await loaded.exitStatus()).toMatchObject({ exitCode: 0 });
    await loaded.destroy();
  });

  it('counts on from where it was, and can be looked at as any other', async () => {
    await using scene = await create(
      sandbox().config({ cgroups: { parent: 'nsinit', pidsLimit: 50, allowAllDevices: true } }),
    );
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(3));
    const { imagesDirectory } = await scene.save();
    const stopped = scene.count();
    expect(await failure(scene.container.stats())).toMatchObject({ code: 'ContainerNotExists' });
    expect(await failure(scene.run(['true']))).toMatchObject({ code: 'ContainerNotStopped', hint: /restore/ });

    const { result } = await scene.restore(imagesDirectory);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped + 3));
    const lines = scene.read('tmp/count').trim().split('\n').map(Number);
    expect(lines).toEqual(lines.map((_, index) => index + 1));

    expect(await exec(scene.container, ['cat', '/proc/1/comm'])).toMatchObject({ stdout: 'sh\n', status: 0 });
    const { cgroupStats } = await scene.container.stats();
    expect(cgroupStats.pids?.limit).toBe(50n);
    expect(cgroupStats.pids?.current).toBeGreaterThan(0n);
    await scene.container.pause();
    expect(await scene.container.status()).toBe(Status.Paused);
    await scene.container.resume();
    await scene.container.destroy({ force: true });
    expect((await result).status).toBe(-9);
  });

  it('is restored by another container, with images and files that were copied elsewhere', async () => {
    await using scene = await create(sandbox().config({ cgroups: { parent: 'nsinit', allowAllDevices: true } }));
    const first = await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(3));
    const images = scene.moved((await scene.save()).imagesDirectory);
    await first.result;
    await scene.container.destroy();
    const stopped = scene.count();

    const another = await scene.another(sandbox().config({ cgroups: { parent: 'nsinit', allowAllDevices: true } }));
    await scene.restore(images, { into: another });
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    const { cgroupPaths, initProcessPid } = await another.state();
    const groups = Object.values(cgroupPaths);
    expect(groups.every((path) => path.endsWith(`/nsinit/${another.id}`))).toBe(true);
    expect(execFileSync('cat', [`/proc/${initProcessPid}/cgroup`], { encoding: 'utf8' })).toContain(
      `/nsinit/${another.id}\n`,
    );
  });

  it('runs on when it is to, and has a twin then', async () => {
    await using scene = await create();
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(3));
    const { imagesDirectory } = await scene.save({ leaveRunning: true });
    expect(await scene.container.status()).toBe(Status.Running);
    const stopped = scene.count();
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    const twin = await scene.another();
    await scene.restore(imagesDirectory, { into: twin });
    expect(await twin.status()).toBe(Status.Running);
  });

  it('stays paused when it was, and is not when it is restored', async () => {
    await using scene = await create(sandbox().config({ cgroups: { parent: 'nsinit', allowAllDevices: true } }));
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    await scene.container.pause();
    const stopped = scene.count();
    await scene.save({ leaveRunning: true });
    expect(await scene.container.status()).toBe(Status.Paused);
    const { imagesDirectory } = await scene.save();
    expect(scene.count()).toBe(stopped);
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    await scene.restore(imagesDirectory);
    expect(await scene.container.status()).toBe(Status.Running);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
  });

  it('keeps all of its processes, with their parents', async () => {
    await using scene = await create();
    await scene.run(['sh', '-c', 'for i in 1 2 3; do (sleep 1000; :) & done; wait']);
    const tree = async () =>
      (await exec(scene.container, ['ps', '-o', 'pid,ppid,args'])).stdout.split('\n').slice(0, 8);
    await eventually(async () => expect((await tree()).filter((line) => line.endsWith('sleep 1000'))).toHaveLength(3));
    const before = await tree();
    const { imagesDirectory } = await scene.save();
    await scene.restore(imagesDirectory);
    expect(await tree()).toEqual(before);
  });

  it('keeps threads', async () => {
    compile(
      sandbox(),
      'threads',
      `#include <pthread.h>
#include <stdio.h>
#include <unistd.h>
static void *count(void *arg) { FILE *f = fopen(arg, "w"); for (long i = 1;; i++) { fprintf(f, "%ld\\n", i); fflush(f); usleep(10000); } }
int main(void) { pthread_t a, b; pthread_create(&a, 0, count, "/tmp/a"); pthread_create(&b, 0, count, "/tmp/b"); pthread_join(a, 0); }`,
    );
    await using scene = await create();
    await scene.run(['threads']);
    await eventually(() => expect(Math.min(scene.count('tmp/a'), scene.count('tmp/b'))).toBeGreaterThan(2));
    const { imagesDirectory } = await scene.save();
    const stopped = [scene.count('tmp/a'), scene.count('tmp/b')] as const;
    await scene.restore(imagesDirectory);
    await eventually(() => {
      expect(scene.count('tmp/a')).toBeGreaterThan(stopped[0]);
      expect(scene.count('tmp/b')).toBeGreaterThan(stopped[1]);
    });
  });

  it('keeps bind mounts, also through links and nested, and what is in a tmpfs', async () => {
    const source = join(sandbox().dir, 'source');
    mkdirSync(join(source, 'below'), { recursive: true });
    const nested = join(sandbox().dir, 'nested');
    mkdirSync(nested);
    writeFileSync(join(source, 'text'), 'bound\n');
    writeFileSync(join(nested, 'text'), 'nested\n');
    mkdirSync(join(sandbox().rootfs, 'real'), { recursive: true });
    symlinkSync('real', join(sandbox().rootfs, 'link'));
    const bind = { device: 'bind', flags: 0x1000 | 0x4000 };
    const config = sandbox().config();
    await using scene = await create({
      ...config,
      mounts: [
        ...config.mounts!,
        { ...bind, source, destination: '/link' },
        { ...bind, source: nested, destination: '/link/below' },
        { ...bind, source: join(source, 'text'), destination: '/etc/text' },
        { source: 'tmpfs', destination: '/mem', device: 'tmpfs', flags: 0, data: 'size=1m' },
      ],
    });
    await scene.run(['sh', '-c', `echo kept > /mem/text; exec 3< /link/below/text; ${counter}`]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const look = async () => {
      const mounts = await exec(scene.container, ['sh', '-c', 'cut -d" " -f2,3,4 /proc/mounts | sort']);
      const files = ['/mem/text', '/link/text', '/link/below/text', '/real/text', '/etc/text', '/proc/1/fd/3'];
      return [mounts.stdout, (await exec(scene.container, ['cat', ...files])).stdout];
    };
    const before = await look();
    expect(before[1]).toBe('kept\nbound\nnested\nbound\nbound\nnested\n');
    const { imagesDirectory } = await scene.save();
    await scene.restore(imagesDirectory);
    expect(await look()).toEqual(before);
    writeFileSync(join(source, 'text'), 'changed\n');
    expect((await exec(scene.container, ['cat', '/link/text'])).stdout).toBe('changed\n');
  });

  it('goes on at another terminal', async () => {
    await using scene = await create();
    const shell = new Process({ args: ['sh'], env: [...environment, 'PS1=$ '] });
    const console = shell.newConsole();
    const printed = new Capture();
    console.pipe(printed, { end: false });
    await scene.container.start(shell);
    console.write('kept=value; echo is $((40 + 2))\n');
    await printed.until(/is 42/);
    const { imagesDirectory } = await scene.save();
    await shell.wait();

    expect(await failure(scene.restore(imagesDirectory))).toMatchObject({
      code: 'ConfigInvalid',
      message: expect.stringContaining('has a terminal'),
    });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    const again = new Process({ args: [] });
    const other = again.newConsole();
    const more = new Capture();
    other.pipe(more, { end: false });
    await scene.container.restore(again, { imagesDirectory });
    other.resize({ rows: 33, columns: 77 });
    other.write('echo $kept; stty size; tty; exit 7\n');
    expect(await again.wait()).toMatchObject({ exitCode: 7 });
    expect(more.text()).toMatch(/value\r\n33 77\r\n\/dev\/(pts\/0|console)\r\n/);
  });

  it('keeps a user namespace with its ids', async () => {
    const maps = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    await using scene = await create(sandbox().mapped(maps));
    const stdin = new PassThrough();
    await scene.run(['cat'], { process: { stdin } });
    const { imagesDirectory } = await scene.save();
    const input = new PassThrough();
    const { result } = await scene.restore(imagesDirectory, { process: { stdin: input } });
    expect((await exec(scene.container, ['cat', '/proc/1/uid_map'])).stdout.trim().split(/\s+/)).toEqual([
      '0',
      '100000',
      '65536',
    ]);
    input.end('through');
    expect(await result).toMatchObject({ status: 0, stdout: 'through' });
  });
});

describe('a checkpoint that fails', () => {
  it('quotes the decisive line, and the container runs on', async () => {
    compile(
      sandbox(),
      'locked',
      `#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
int main(int argc, char **argv) { int fd = open("/tmp/lock", O_RDWR | O_CREAT, 0600); if (flock(fd, LOCK_EX | LOCK_NB)) return 9; execv(argv[1], argv + 1); return 8; }`,
    );
    await using scene = await create();
    await scene.run(['locked', '/bin/sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const imagesDirectory = scene.images();
    const error = await failure(scene.save({ imagesDirectory }));
    expect(error).toMatchObject({
      code: 'SystemError',
      step: 'checkpoint',
      message: expect.stringContaining('Some file locks are hold by dumping tasks'),
      hint: 'set fileLocks',
      path: expect.stringMatching(/dump\.log$/),
    });
    expect(await scene.container.status()).toBe(Status.Running);
    const seen = scene.count();
    await eventually(() => expect(scene.count()).toBeGreaterThan(seen));
    await scene.save({ imagesDirectory, fileLocks: true });
    await scene.restore(imagesDirectory, { fileLocks: true });
    expect((await exec(scene.container, ['locked', '/bin/true'])).status).toBe(9);
  });

  it('says so for processes that were started beside the first one', async () => {
    await using scene = await create();
    await scene.run(['sleep', '1000']);
    const beside = await scene.run(['sleep', '1000']);
    expect(await failure(scene.save())).toMatchObject({
      message: expect.stringContaining(`beside the first one, and cannot be saved with it: ${beside.process.pid()}`),
    });
    beside.process.signal('SIGKILL');
    await beside.result;
    await scene.save();
    expect(await scene.container.status()).toBe(Status.Checkpointed);
  });

  it('is refused for Landlock rules, which criu does not save', async () => {
    await using scene = await create(
      sandbox().config({ landlock: { mode: 'best_effort', paths: [{ paths: ['/'], access: ['read', 'execute'] }] } }),
    );
    await scene.run(['sleep', '1000']);
    expect(await failure(scene.save())).toMatchObject({ code: 'ConfigInvalid', field: 'landlock' });
    expect(await scene.container.status()).toBe(Status.Running);
  });

  it('leaves it running when it is aborted', async () => {
    await using scene = await create();
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const controller = new AbortController();
    const saved = scene.save({ signal: controller.signal, onStep: () => controller.abort() });
    expect(await failure(saved)).toMatchObject({ code: 'SystemError' });
    const seen = scene.count();
    await eventually(() => expect(scene.count()).toBeGreaterThan(seen));
    expect(await scene.container.status()).toBe(Status.Running);
  });

  it('needs a container that runs, and a criu', async () => {
    await using scene = await create();
    expect(await failure(scene.save())).toMatchObject({ code: 'ContainerNotRunning' });
    await scene.run(['sleep', '1000']);
    const factory = await sandbox().factory({ criuPath: '/absent/criu' });
    const container = await factory.load(scene.container.id);
    expect(await failure(container.checkpoint())).toMatchObject({
      message: expect.stringContaining('there is no /absent/criu'),
      hint: 'install criu, or name its path',
    });
    expect(await container.status()).toBe(Status.Running);
  });
});

describe.each([
  [
    'too old',
    'if [ "$1" = --version ]; then echo "Version: 2.12.1"; else exit 1; fi',
    'is criu 2.12.1, which is too old',
  ],
  ['broken', 'echo "error while loading shared libraries: libnet.so.1" >&2; exit 127', 'does not work'],
])('a criu that is %s', (_, script, message) => {
  it('is told, and the container runs on', async () => {
    const path = join(sandbox().dir, 'bad-criu');
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await using scene = await Checkpointed.create(sandbox(), sandbox().config(), path);
    await scene.run(['sleep', '1000']);
    expect(await failure(scene.save())).toMatchObject({
      code: 'SystemError',
      message: expect.stringContaining(message),
    });
    expect(await scene.container.status()).toBe(Status.Running);
  });
});

describe('a restore that fails', () => {
  it('leaves the images, and the container as it was', async () => {
    await using scene = await create(sandbox().config({ cgroups: { parent: 'nsinit', allowAllDevices: true } }));
    await scene.run(['sh', '-c', `exec 3> /tmp/file; ${counter}`]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const { imagesDirectory } = await scene.save();
    const images = readdirSync(imagesDirectory);
    rmSync(join(sandbox().rootfs, 'tmp/file'));
    expect(await failure(scene.restore(imagesDirectory))).toMatchObject({
      step: 'restore',
      message: expect.stringContaining("Can't open file tmp/file"),
      path: expect.stringMatching(/restore\.log$/),
    });
    expect(readdirSync(imagesDirectory)).toEqual(images);
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    writeFileSync(join(sandbox().rootfs, 'tmp/file'), '');
    const stopped = scene.count();
    await scene.restore(imagesDirectory);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    expect(await failure(scene.restore(imagesDirectory))).toMatchObject({ code: 'ContainerNotStopped' });
  });

  it('names a directory without images', async () => {
    await using scene = await create();
    const absent = join(sandbox().dir, 'absent');
    expect(await failure(scene.restore(absent))).toMatchObject({ path: absent, errno: 'ENOENT' });
    expect(await scene.container.status()).toBe(Status.Destroyed);
  });
});

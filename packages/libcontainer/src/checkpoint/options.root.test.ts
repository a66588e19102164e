import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Criu, type ManageCgroupsMode } from '@nsinit/criu';
import { Fd, invoke } from '@nsinit/syscall';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { processesOf } from '../processes.ts';
import { Status } from '../status.ts';
import { Checkpointed, counter, eventually } from '../testing/checkpointed.ts';
import { compile, memorySource } from '../testing/compile.ts';
import { testCriu } from '../testing/criu.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();
const criuPath = testCriu();
const criu = new Criu({ path: criuPath });
beforeAll(() => compile(sandbox(), 'memory', memorySource));
beforeEach(() => rmSync(join(sandbox().rootfs, 'tmp'), { recursive: true }));
beforeEach(() => mkdirSync(join(sandbox().rootfs, 'tmp'), { mode: 0o1777 }));

const create = (config = sandbox().config()) => Checkpointed.create(sandbox(), config, criuPath);
const pagesIn = (directory: string) => readdirSync(directory).filter((name) => name.startsWith('pages-'));
/** What the pages in a directory have on the disk: a hole has nothing. */
const room = (directory: string) =>
  pagesIn(directory).reduce((sum, name) => sum + statSync(join(directory, name)).blocks * 512, 0);
const counts = async (scene: Checkpointed) => await eventually(() => expect(scene.count()).toBeGreaterThan(2));

function pipe(): readonly [read: Fd, write: Fd] {
  const ends = new Int32Array(2);
  invoke('pipe2', { pipefd: new Uint8Array(ends.buffer), flags: ['O_CLOEXEC'] });
  return [new Fd(ends[0]!), new Fd(ends[1]!)];
}

/** Whether something can be read from a pipe. */
function readable({ fd }: Fd): boolean {
  const pollfd = Buffer.alloc(8);
  pollfd.writeInt32LE(fd, 0);
  pollfd.writeInt16LE(1, 4);
  return invoke('ppoll', { fds: pollfd, nfds: 1, tmo: { tv_sec: 0, tv_nsec: 0 } }) > 0;
}

describe('linkRemap', () => {
  it('keeps a file that has lost the name by which it was opened', async () => {
    await using scene = await create();
    await scene.run(['sh', '-c', `echo kept > /tmp/a; ln /tmp/a /tmp/b; exec 3< /tmp/a; rm /tmp/a; ${counter}`]);
    await counts(scene);
    expect(await failure(scene.save())).toMatchObject({ hint: 'set linkRemap' });
    expect(await scene.container.status()).toBe(Status.Running);
    const { imagesDirectory } = await scene.save({ linkRemap: true });
    const names = () => readdirSync(join(sandbox().rootfs, 'tmp')).sort();
    expect(names()).toContainEqual(expect.stringMatching(/^link_remap\.\d+$/));
    await scene.restore(imagesDirectory, { linkRemap: true });
    expect((await exec(scene.container, ['cat', '/proc/1/fd/3'])).stdout).toBe('kept\n');
    expect(names()).toEqual(['b', 'count']);
  });
});

describe('autoDedup', () => {
  it('takes from the images what a restore has read', async () => {
    await using scene = await create();
    await scene.run(['memory']);
    await counts(scene);
    const { imagesDirectory } = await scene.save();
    const copy = scene.images();
    cpSync(imagesDirectory, copy, { recursive: true });
    const text = scene.read('tmp/count');
    expect(room(imagesDirectory)).toBeGreaterThan(16 << 20);
    const again = await scene.restore(imagesDirectory);
    expect(room(imagesDirectory)).toBeGreaterThan(16 << 20);
    again.process.signal('SIGKILL');
    await eventually(async () => expect(await scene.container.status()).toBe(Status.Destroyed));
    // criu wants the file as it was.
    writeFileSync(join(sandbox().rootfs, 'tmp/count'), text);
    await scene.restore(copy, { autoDedup: true });
    expect(room(copy)).toBeLessThan(1 << 20);
  });
});

describe('pageServer', () => {
  it('has the pages in another place, where they are read again', async () => {
    await using scene = await create();
    await scene.run(['memory']);
    await counts(scene);
    const remote = scene.images('remote');
    mkdirSync(remote);
    await using server = await criu.pageServer({ imagesDirectory: remote });
    const { address, port } = server;
    const { imagesDirectory } = await scene.save({ pageServer: { address, port } });
    await server.done();
    expect(pagesIn(imagesDirectory)).toEqual([]);
    expect(room(remote)).toBeGreaterThan(16 << 20);
    const stopped = scene.count();
    expect(await failure(scene.restore(imagesDirectory))).toMatchObject({ code: 'SystemError', step: 'restore' });
    cpSync(remote, imagesDirectory, { recursive: true });
    await scene.restore(imagesDirectory);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
  });

  it('that does not listen is told', async () => {
    await using scene = await create();
    await scene.run(['sleep', '1000']);
    const remote = scene.images('remote');
    mkdirSync(remote);
    const server = await criu.pageServer({ imagesDirectory: remote });
    const { address, port } = server;
    await server[Symbol.asyncDispose]();
    expect(await failure(scene.save({ pageServer: { address, port } }))).toMatchObject({
      hint: 'start a page server at that address first',
    });
    expect(await scene.container.status()).toBe(Status.Running);
  });
});

describe('lazyPages and statusFd', () => {
  // criu asks for pipes that only root with this capability gets. pipe(7)
  const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1];
  const canGrowPipes = ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
  const what = canGrowPipes ? 'let a container go on elsewhere before its memory is there' : 'need CAP_SYS_RESOURCE';

  it(what, async () => {
    await using scene = await create();
    await scene.run(['memory']);
    await counts(scene);
    const [ready, status] = pipe();
    // A lazy dump does not tell which port the kernel chose: one that was free just now.
    const probe = await criu.pageServer({ imagesDirectory: sandbox().dir });
    const { address, port } = probe;
    await probe[Symbol.asyncDispose]();
    const imagesDirectory = scene.images();
    const workDirectory = scene.images('work');
    mkdirSync(workDirectory);
    const saved = scene.save({ imagesDirectory, lazyPages: true, pageServer: { address, port }, statusFd: status });
    const problem = saved.then(
      () => undefined,
      (error: unknown) => error,
    );
    await eventually(() => expect(readable(ready)).toBe(true));
    const stopped = scene.count();
    const there = await scene.another();
    try {
      const restored = scene.restoreWith(imagesDirectory, {
        into: there,
        workDirectory,
        lazyPages: true,
        pageServer: { address, port },
      });
      if (!canGrowPipes) {
        expect(await failure(restored)).toMatchObject({ step: 'restore' });
        expect(await problem).toMatchObject({ hint: 'a lazy dump needs CAP_SYS_RESOURCE, for its pipes' });
        expect(await scene.container.status()).toBe(Status.Running);
        return;
      }
      const { lazyMemory } = await restored;
      await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
      expect(await problem).toBe(undefined);
      await lazyMemory!.done();
      expect(room(imagesDirectory)).toBeLessThan(8 << 20);
      expect(await scene.container.status()).toBe(Status.Checkpointed);
      expect(await there.status()).toBe(Status.Running);
    } finally {
      for (const fd of [ready, status]) fd.close();
    }
  });
});

describe('externalUnixConnections', () => {
  it('keep what a process sends to a socket of the host', async () => {
    compile(
      sandbox(),
      'sender',
      `#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char **argv) { const char *path = argv[1]; struct sockaddr_un a = { AF_UNIX }; strcpy(a.sun_path, path); int s = socket(AF_UNIX, SOCK_DGRAM, 0);
  if (connect(s, (void *)&a, sizeof a)) return 9;
  for (long i = 1;; i++) { char t[32]; int n = sprintf(t, "%ld\\n", i); if (send(s, t, n, 0) != n) return 8; usleep(10000); } }`,
    );
    const sockets = join(sandbox().dir, 'sockets');
    mkdirSync(sockets);
    const heard = join(sandbox().dir, 'heard');
    writeFileSync(heard, '');
    const server = spawn(
      'python3',
      [
        '-c',
        `import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('${sockets}/log')
f = open('${heard}', 'w')
while True:
  f.write(s.recv(100).decode()); f.flush()`,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const ended = once(server, 'exit');
    try {
      await eventually(() => expect(existsSync(join(sockets, 'log'))).toBe(true));
      const last = () => Number(readFileSync(heard, 'utf8').split('\n').at(-2) ?? 0);
      // criu finds the other end by the path that it was bound to, and sees sockets of the container's own network namespace alone.
      const { namespaces, mounts, ...config } = sandbox().configWithout('NEWNET');
      await using scene = await create({
        ...config,
        namespaces,
        networks: [],
        mounts: [...mounts!, { source: sockets, destination: sockets, device: 'bind', flags: 0x1000 }],
      });
      await scene.run(['sender', join(sockets, 'log')]);
      await eventually(() => expect(last()).toBeGreaterThan(2));
      expect(await failure(scene.save())).toMatchObject({ hint: 'set externalUnixConnections' });
      const { imagesDirectory } = await scene.save({ externalUnixConnections: true });
      const stopped = last();
      await scene.restore(imagesDirectory, { externalUnixConnections: true });
      await eventually(() => expect(last()).toBeGreaterThan(stopped));
    } finally {
      server.kill('SIGKILL');
      await ended;
    }
  });
});

describe('manageCgroupsMode', () => {
  const cgroups = { parent: 'nsinit', pidsLimit: 50, allowAllDevices: true } as const;
  const groupOf = async (scene: Checkpointed) => {
    const { cgroupPaths, initProcessPid } = await scene.container.state();
    return { group: cgroupPaths['pids'] ?? cgroupPaths['']!, pid: initProcessPid };
  };
  const places = async (scene: Checkpointed) =>
    processesOf((await groupOf(scene)).pid).map((pid) =>
      readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes('/below\n'),
    );
  /** Limits of the container's group and of the one below; `none` for a group that has none, and undefined for no group. */
  const limits = async (scene: Checkpointed) => {
    const { group } = await groupOf(scene);
    return ['.', 'below'].map((name) => {
      if (!existsSync(join(group, name))) return undefined;
      const file = join(group, name, 'pids.max');
      return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 'none';
    });
  };
  /** A group of version 2 that has processes gives no controllers to those below, and criu 3.17 leaves its own alone. */
  const expectLimits = async (scene: Checkpointed, [own, below]: readonly [number, number | undefined]) => {
    const found = await limits(scene);
    if (found[1] === 'none') expect(below).toBeDefined();
    else expect(found).toEqual([own, below]);
  };

  /** A container of two processes, one in a group below, with another limit than that of the configuration. */
  async function divided(): Promise<Checkpointed> {
    const scene = await create(sandbox().config({ cgroups }));
    await scene.run(['sh', '-c', 'sleep 1000 & wait']);
    const { group, pid } = await groupOf(scene);
    const sleeper = () => processesOf(pid).find((one) => readFileSync(`/proc/${one}/comm`, 'utf8') === 'sleep\n');
    await eventually(() => expect(sleeper()).toBeDefined());
    mkdirSync(join(group, 'below'));
    writeFileSync(join(group, 'below/cgroup.procs'), `${sleeper()}`);
    writeFileSync(join(group, 'pids.max'), '40');
    if (existsSync(join(group, 'below/pids.max'))) writeFileSync(join(group, 'below/pids.max'), '7');
    return scene;
  }

  /** Checkpoints with a mode, and leaves nothing of the group below. */
  async function saved(scene: Checkpointed, mode: ManageCgroupsMode): Promise<string> {
    const { group } = await groupOf(scene);
    const { imagesDirectory } = await scene.save({ manageCgroupsMode: mode });
    rmdirSync(join(group, 'below'));
    return imagesDirectory;
  }

  it.each([
    ['soft', [50, 7]],
    ['full', [40, 7]],
    ['strict', [40, 7]],
  ] as const)('%s makes the groups below, with their limits', async (mode, expected) => {
    await using scene = await divided();
    const imagesDirectory = await saved(scene, mode);
    await scene.restore(imagesDirectory, { manageCgroupsMode: mode });
    expect(new Set(await places(scene))).toEqual(new Set([false, true]));
    await expectLimits(scene, expected);
  });

  it('strict wants them not to be there', async () => {
    await using scene = await divided();
    const { imagesDirectory } = await scene.save({ manageCgroupsMode: 'strict' });
    expect(await failure(scene.restore(imagesDirectory, { manageCgroupsMode: 'strict' }))).toMatchObject({
      message: expect.stringContaining('/below exists already'),
      hint: expect.stringContaining('full'),
    });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
  });

  it.each(['none', 'props'] as const)('%s wants them to be there', async (mode) => {
    await using scene = await divided();
    const imagesDirectory = await saved(scene, mode);
    expect(await failure(scene.restore(imagesDirectory, { manageCgroupsMode: mode }))).toMatchObject({
      message: expect.stringContaining("doesn't exist"),
    });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    await scene.restore(imagesDirectory, { manageCgroupsMode: 'soft' });
    await expectLimits(scene, [50, 7]);
  });

  it('ignore leaves all processes in the one group', async () => {
    await using scene = await divided();
    const imagesDirectory = await saved(scene, 'ignore');
    await scene.restore(imagesDirectory, { manageCgroupsMode: 'ignore' });
    expect(await places(scene)).toEqual([false, false]);
    await expectLimits(scene, [50, undefined]);
  });
});

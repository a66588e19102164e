import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readdirSync, readFileSync, readlinkSync, statSync, writeSync } from 'node:fs';
import { decodeStruct, Fd, invoke, sizeOf } from '@nsinit/syscall';
import { beforeAll, describe, expect, it } from 'vitest';
import { Criu, type CriuFeatures } from './index.ts';
import { realCriu } from './testing/real-criu.ts';
import { runs, Scene, until } from './testing/target.ts';

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

/** Whether this process has an effective capability, by its number. */
function hasCapability(number: number): boolean {
  const effective = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1];
  return ((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n;
}

/** The images that hold memory. */
function pagesIn(directory: string): readonly string[] {
  return readdirSync(directory).filter((name) => name.startsWith('pages-'));
}

let criuPath: string;
let criu: Criu;
let features: CriuFeatures;
beforeAll(async () => {
  criuPath = realCriu();
  criu = new Criu({ path: criuPath });
  features = await criu.features();
});

describe('the real criu', () => {
  it('tells its version, and finds that the kernel will do', async () => {
    expect((await criu.version()).major).toBeGreaterThanOrEqual(3);
    await expect(criu.check()).resolves.toBeUndefined();
    expect(features.pidfdStore).toBe(true);
  });

  it('leaves no check behind when it is aborted', async () => {
    await expect(criu.check({ signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    const controller = new AbortController();
    const checked = criu.check({ signal: controller.signal });
    controller.abort();
    await expect(checked).rejects.toMatchObject({ kind: 'aborted', request: 'check' });
  });
});

describe('dump and restore', () => {
  it('end a counter, and let it go on where it was', async () => {
    using scene = new Scene();
    const pid = await scene.counter();
    await until('the counter', () => (scene.count() ?? 0) >= 3);
    const imagesDirectory = scene.images();
    const workDirectory = scene.images('work');

    const { statistics } = await criu.dump({ pid, imagesDirectory, workDirectory }).result();
    expect(runs(pid)).toBe(false);
    expect(statistics!.pagesWritten).toBeGreaterThan(0n);
    expect(statistics!.frozenMicroseconds).toBeGreaterThan(0);
    expect(existsSync(`${workDirectory}/dump.log`)).toBe(true);
    const stopped = scene.count()!;

    const restored = await criu.restore({ imagesDirectory, workDirectory }).result();
    scene.adopt(restored.pid);
    expect(restored.statistics!.pagesRestored).toBe(statistics!.pagesWritten);
    await until('the counter again', () => scene.count()! >= stopped + 3);
    const numbers = readFileSync(scene.path('count'), 'utf8').trim().split('\n').map(Number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('leave a tree running, which then has a twin', async () => {
    using scene = new Scene();
    const pid = await scene.start(['sleep', '1000']);
    const imagesDirectory = scene.images();
    await criu.dump({ pid, imagesDirectory, leaveRunning: true }).result();
    expect(runs(pid)).toBe(true);
    const restored = await criu.restore({ imagesDirectory }).result();
    scene.adopt(restored.pid);
    expect(restored.pid).not.toBe(pid);
    expect(runs(restored.pid)).toBe(true);
    expect(runs(pid)).toBe(true);
  });

  it('connect a restored pipe to another one', async () => {
    using scene = new Scene();
    const out = scene.path('out');
    const [input, keepOpen] = pipe();
    const name = readlinkSync(`/proc/self/fd/${input.fd}`);
    const pid = await scene.start(['cat'], [input.fd, openSync(out, 'w')]);
    const imagesDirectory = scene.images();
    await criu.dump({ pid, imagesDirectory }).result();
    input.close();
    keepOpen.close();

    const [read, write] = pipe();
    const restored = await criu.restore({ imagesDirectory, inheritFds: [{ key: name, fd: read }] }).result();
    scene.adopt(restored.pid);
    read.close();
    writeSync(write.fd, 'Hello!');
    write.close();
    await until('the end of cat', () => !runs(restored.pid));
    expect(readFileSync(out, 'utf8')).toBe('Hello!');
  });

  it('make the restored tree a child of ours when it is asked for', async () => {
    using scene = new Scene();
    const pid = await scene.start(['sleep', '1000']);
    const imagesDirectory = scene.images();
    await criu.dump({ pid, imagesDirectory }).result();
    const restored = await criu.restore({ imagesDirectory, asSibling: true }).result();
    using pidfd = new Fd(invoke('pidfd_open', { pid: restored.pid, flags: 0 }));
    invoke('pidfd_send_signal', { pidfd, sig: 9, flags: 0 });
    await until('the end', () => !runs(restored.pid));
    const info = new Uint8Array(sizeOf('siginfo'));
    invoke('waitid', { idtype: 'P_PIDFD', id: pidfd, infop: info, options: ['WEXITED'] });
    expect(Number(decodeStruct('siginfo', new DataView(info.buffer))['si_status'])).toBe(9);
  });

  it('ask at every step', async () => {
    using scene = new Scene();
    const pid = await scene.start(['sleep', '1000']);
    const imagesDirectory = scene.images();
    const dump = criu.dump({ pid, imagesDirectory });
    const asked: string[] = [];
    for await (const notification of dump) {
      asked.push(notification.script);
      if (notification.script === 'post-dump') expect(runs(pid)).toBe(true);
      notification.accept();
    }
    await dump.result();
    expect(asked).toEqual(expect.arrayContaining(['pre-dump', 'post-dump']));

    const restore = criu.restore({ imagesDirectory });
    const pids = new Map<string, number | undefined>();
    for await (const notification of restore) {
      pids.set(notification.script, notification.pid);
      notification.accept();
    }
    const restored = await restore.result();
    scene.adopt(restored.pid);
    expect([...pids.keys()]).toEqual(expect.arrayContaining(['pre-restore', 'setup-namespaces', 'post-restore']));
    expect(pids.get('setup-namespaces')).toBe(restored.pid);
    expect(pids.get('post-restore')).toBe(restored.pid);
  });
});

describe('what goes wrong', () => {
  it('is told by the line of the log that decides, and the tree runs on', async () => {
    using scene = new Scene();
    const locked = scene.path('locked');
    const program = `open(my $f, '>', '${scene.path('lock')}'); flock($f, 2); open(my $g, '>', '${locked}'); sleep 1000 while 1;`;
    const pid = await scene.start(['perl', '-e', program]);
    await until('the lock', () => existsSync(locked));
    const imagesDirectory = scene.images();
    const dump = criu.dump({ pid, imagesDirectory });
    await expect(dump.result()).rejects.toMatchObject({
      kind: 'failed',
      request: 'dump',
      message: expect.stringContaining('Some file locks are hold by dumping tasks'),
      remedy: 'set fileLocks',
      logPath: `${imagesDirectory}/dump.log`,
    });
    expect(runs(pid)).toBe(true);
    await criu.dump({ pid, imagesDirectory, fileLocks: true }).result();
    expect(runs(pid)).toBe(false);
  });

  it('is told for a process that does not exist', async () => {
    using scene = new Scene();
    const dump = criu.dump({ pid: 4_000_000, imagesDirectory: scene.images() });
    await expect(dump.result()).rejects.toMatchObject({ kind: 'failed', code: 'ESRCH' });
  });

  it('is told for a directory that does not exist', async () => {
    using scene = new Scene();
    const dump = criu.dump({ pid: 1, imagesDirectory: scene.path('absent') });
    await expect(dump.result()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is told for parent images that do not exist', async () => {
    using scene = new Scene();
    const dump = criu.dump({ pid: 1, imagesDirectory: scene.images(), parentImages: '../absent' });
    await expect(dump.result()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves nothing of a restore that fails', async () => {
    using scene = new Scene();
    const pid = await scene.counter();
    await until('the counter', () => (scene.count() ?? 0) >= 1);
    const imagesDirectory = scene.images();
    await criu.dump({ pid, imagesDirectory }).result();
    const before = readdirSync(imagesDirectory).length;
    const restore = criu.restore({ imagesDirectory });
    let root: number | undefined;
    for await (const notification of restore) {
      root ??= notification.pid;
      if (notification.script === 'post-restore') notification.refuse();
      else notification.accept();
    }
    await expect(restore.result()).rejects.toMatchObject({ kind: 'refused', request: 'restore' });
    await until('the end of the half-restored tree', () => !runs(root!));
    expect(readdirSync(imagesDirectory).length).toBeGreaterThanOrEqual(before);
    scene.adopt((await criu.restore({ imagesDirectory }).result()).pid);
  });

  it('lets the tree run on when a dump is refused or aborted', async () => {
    using scene = new Scene();
    const pid = await scene.counter();
    await until('the counter', () => (scene.count() ?? 0) >= 1);
    const refused = criu.dump({ pid, imagesDirectory: scene.images() });
    for await (const notification of refused) {
      if (notification.script === 'post-dump') notification.refuse();
      else notification.accept();
    }
    await expect(refused.result()).rejects.toMatchObject({ kind: 'refused' });

    const controller = new AbortController();
    const aborted = criu.dump({ pid, imagesDirectory: scene.images(), signal: controller.signal });
    for await (const notification of aborted) {
      controller.abort();
      notification.accept();
    }
    await expect(aborted.result()).rejects.toMatchObject({ kind: 'aborted' });

    const seen = scene.count()!;
    await until('the counter, still', () => scene.count()! > seen + 2);
    expect(runs(pid)).toBe(true);
  });
});

describe('page server', () => {
  it('receives the pages of a dump on loopback', async () => {
    using scene = new Scene();
    const pid = await scene.counter(8);
    await until('the counter', () => (scene.count() ?? 0) >= 1);
    const remote = scene.images('remote');
    const local = scene.images('local');
    await using server = await criu.pageServer({ imagesDirectory: remote });
    expect(server.port).toBeGreaterThan(0);
    const { address, port } = server;
    await criu.dump({ pid, imagesDirectory: local, pageServer: { address, port } }).result();
    await server.done();
    expect(pagesIn(local)).toEqual([]);
    const sizes = pagesIn(remote).map((name) => statSync(`${remote}/${name}`).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(8 << 20);
  });

  it('ends when it is left', async () => {
    using scene = new Scene();
    let pid: number;
    {
      await using server = await criu.pageServer({ imagesDirectory: scene.images() });
      pid = server.pid;
      expect(runs(pid)).toBe(true);
    }
    expect(runs(pid)).toBe(false);
  });

  it('ends with its signal', async () => {
    using scene = new Scene();
    const controller = new AbortController();
    const { signal } = controller;
    const server = await criu.pageServer({ imagesDirectory: scene.images(), signal });
    controller.abort();
    await expect(server.done()).rejects.toMatchObject({ kind: 'aborted', request: 'page-server' });
    expect(runs(server.pid)).toBe(false);
  });

  it('says why it did not start', async () => {
    using scene = new Scene();
    await using first = await criu.pageServer({ imagesDirectory: scene.images() });
    const second = criu.pageServer({ imagesDirectory: scene.images(), port: first.port });
    await expect(second).rejects.toMatchObject({
      kind: 'failed',
      request: 'page-server',
      message: expect.stringContaining('Address already in use'),
    });
  });
});

describe('lazy pages', () => {
  it('are fetched while the tree runs on already', async (context) => {
    if (!features.lazyPages) context.skip('host: this kernel has no userfaultfd(2) for criu');
    // criu gets short of room in its pipes, which only this capability lets grow without bound. pipe(7)
    if (!hasCapability(24)) context.skip('host: root has no CAP_SYS_RESOURCE here');
    using scene = new Scene();
    const pid = await scene.counter(8);
    await until('the counter', () => (scene.count() ?? 0) >= 1);
    const imagesDirectory = scene.images();
    const workDirectory = scene.images('work');
    const [ready, status] = pipe();
    // A lazy dump does not tell which port the kernel chose: one that was free just now.
    const probe = await criu.pageServer({ imagesDirectory: scene.images() });
    const { address, port } = probe;
    await probe[Symbol.asyncDispose]();
    const dump = criu.dump({ pid, imagesDirectory, lazyPages: true, pageServer: { address, port }, statusFd: status });
    const dumped = dump.result();
    await until('the lazy dump', () => readable(ready));
    const stopped = scene.count()!;

    const args = ['lazy-pages', '--page-server', '--address', address, '--port', `${port}`, '-D', imagesDirectory];
    const daemon = spawn(criuPath, [...args, '-W', workDirectory], { stdio: 'ignore' });
    const ended = once(daemon, 'exit');
    await until('the socket', () => existsSync(`${workDirectory}/lazy-pages.socket`));
    const restored = await criu.restore({ imagesDirectory, workDirectory, lazyPages: true }).result();
    scene.adopt(restored.pid);
    await until('the counter again', () => scene.count()! > stopped);
    await dumped;
    expect(await ended).toEqual([0, null]);
    const sizes = pagesIn(imagesDirectory).map((name) => statSync(`${imagesDirectory}/${name}`).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(8 << 20);
    for (const fd of [ready, status]) fd.close();
  });
});

describe('pre-dump', () => {
  it('is refused with the remedy by a kernel that does not remember changes', async (context) => {
    if (features.memoryTracking) context.skip('host: this kernel remembers changed pages');
    using scene = new Scene();
    const pid = await scene.start(['sleep', '1000']);
    const preDump = criu.preDump({ pid, imagesDirectory: scene.images() });
    await expect(preDump.result()).rejects.toMatchObject({
      kind: 'failed',
      request: 'pre-dump',
      remedy: 'pre-dumps need a kernel with CONFIG_MEM_SOFT_DIRTY',
    });
    expect(runs(pid)).toBe(true);
  });

  it('leaves less to the last dump of a chain of three', async (context) => {
    if (!features.memoryTracking) context.skip('host: this kernel has no CONFIG_MEM_SOFT_DIRTY');
    using scene = new Scene();
    const pid = await scene.counter(16);
    await until('the counter', () => (scene.count() ?? 0) >= 1);
    const [first, second, last] = ['1', '2', '3'].map((name) => scene.images(name)) as [string, string, string];
    const one = await criu.preDump({ pid, imagesDirectory: first }).result();
    const two = await criu.preDump({ pid, imagesDirectory: second, parentImages: '../1' }).result();
    const three = await criu.dump({ pid, imagesDirectory: last, parentImages: '../2', trackMemory: true }).result();
    expect(one.statistics!.bytesWritten).toBeGreaterThan(16n << 20n);
    expect(two.statistics!.bytesWritten).toBeLessThan(one.statistics!.bytesWritten / 4n);
    expect(three.statistics!.bytesWritten).toBeLessThan(one.statistics!.bytesWritten / 4n);
    expect(three.statistics!.pagesSkippedParent).toBeGreaterThan(0n);
    const stopped = scene.count()!;
    scene.adopt((await criu.restore({ imagesDirectory: last }).result()).pid);
    await until('the counter again', () => scene.count()! > stopped);
  });
});

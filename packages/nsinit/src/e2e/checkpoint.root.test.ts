import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readdirSync, read as readFile, writeFileSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Fd, invoke } from '@nsinit/syscall';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inUserNamespace, lives, namespaceFlags, textOf, until } from '../testing/box.ts';
import { finished } from '../testing/cli.ts';
import { testCriu } from '../testing/criu.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();
let criu: string;
beforeAll(() => {
  criu = testCriu();
});

beforeEach(async () => {
  if (!inUserNamespace) return;
  // restore reads a file and takes no such flags.
  const { stdout } = await cli().run(['config', ...namespaceFlags], { cwd: box().rootfs });
  box().config(JSON.parse(stdout) as object);
});

const words = (...args: readonly string[]) => ['--root', box().state, '--criu', criu, ...args];
const about = (...args: readonly string[]) => cli().run(words(...args), { cwd: box().rootfs });
const images = () => join(box().work, 'images');

function pipe(): readonly [read: Fd, write: Fd] {
  const ends = new Int32Array(2);
  invoke('pipe2', { pipefd: new Uint8Array(ends.buffer), flags: ['O_CLOEXEC'] });
  return [new Fd(ends[0]!), new Fd(ends[1]!)];
}

/** A port that nobody listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts a command, and waits until the first process of its container lives. Its streams are a pipe and files: those of
 * node:child_process are sockets, which criu cannot save.
 */
async function running(...args: readonly string[]) {
  const [read, input] = pipe();
  using stdin = read;
  const [out, err] = ['out', 'err'].map((name) => join(box().work, `${name}-${args[0]}`)) as [string, string];
  using output = new Fd(openSync(out, 'w+'));
  using errors = new Fd(openSync(err, 'w+'));
  const child = cli().start(words(...args), { cwd: box().rootfs, stdio: [stdin.fd, output.fd, errors.fd] });
  const ended = finished(child).then((result) => ({ ...result, stdout: textOf(out), stderr: textOf(err) }));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const pid = Number(await until(() => (over && 'ended') || textOf(join(box().rootfs, '.nspid'))));
  if (Number.isNaN(pid)) throw new Error((await ended).stderr);
  return { child, ended, pid, input };
}

describe('nsinit checkpoint and restore', () => {
  it('let a command go on in front of another nsinit', async () => {
    const first = await running('exec', 'cat');
    const saved = await about('checkpoint', '--image-path', images());
    expect(saved).toMatchObject({ status: 0, stdout: '' });
    expect(saved.stderr).toMatch(
      /^nsinit: checkpoint of nsinit in [\d.]+ ms: \d+ pages, [\d.]+ KiB, frozen for [\d.]+ ms\n$/,
    );
    expect((await first.ended).status).toBe(137);
    expect((await about('exec', 'true')).stderr).toContain('container nsinit is checkpointed (nsinit restore');

    const restored = await cli().run(words('restore', '--image-path', images()), {
      cwd: box().rootfs,
      input: 'Hello!',
    });
    expect(restored).toMatchObject({ status: 0, stdout: 'Hello!' });
    expect(restored.stderr).toMatch(/^nsinit: restore of nsinit in [\d.]+ ms: \d+ pages, criu took [\d.]+ ms\n$/);
  });

  it('let a container go on without anybody in front of it', async () => {
    const first = await running(
      'exec',
      '/bin/sh',
      '-c',
      'echo one; while [ ! -e /tmp/go ]; do sleep 0; done; echo two',
    );
    expect((await about('checkpoint', '--image-path', images())).status).toBe(0);
    expect((await first.ended).status).toBe(137);
    const pidFile = join(box().work, 'pid');
    const [out, err] = ['detached', 'errors'].map((name) => join(box().work, name)) as [string, string];
    using nothing = new Fd(openSync('/dev/null', 'r'));
    using output = new Fd(openSync(out, 'w+'));
    using errors = new Fd(openSync(err, 'w+'));
    const child = cli().start(
      words('restore', '--image-path', images(), '--work-path', join(box().work, 'logs'), '-d', '--pid-file', pidFile),
      { cwd: box().rootfs, stdio: [nothing.fd, output.fd, errors.fd] },
    );
    expect([(await finished(child)).status, textOf(err)]).toEqual([
      0,
      expect.stringMatching(/^nsinit: restore of nsinit/),
    ]);
    expect(readdirSync(join(box().work, 'logs'))).toContain('restore.log');
    const pid = Number(textOf(pidFile));
    expect(JSON.parse((await about('state')).stdout)).toMatchObject({ init_process_pid: pid });
    expect(lives(pid)).toBe(true);
    writeFileSync(join(box().rootfs, 'tmp/go'), '');
    await until(() => !lives(pid));
    expect(textOf(out)).toBe('two\n');
    expect(await about('destroy')).toMatchObject({ status: 0, stderr: '' });
  });

  it('leave the choice to discard what was saved', async () => {
    const first = await running('exec', 'cat');
    expect((await about('checkpoint', '--image-path', images())).status).toBe(0);
    expect((await first.ended).status).toBe(137);
    const saved = readdirSync(images());
    expect(await about('destroy')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(box().left()).toEqual([]);
    expect(readdirSync(images())).toEqual(saved);
    expect((await cli().run(words('exec', 'echo', 'new'), { cwd: box().rootfs })).stdout).toBe('new\n');
  });

  it('make the container from the configuration when there is none, and forward signals', async () => {
    const first = await running('exec', '/bin/sh', '-c', 'trap "exit 9" TERM; echo up; while :; do sleep 1; done');
    expect((await about('checkpoint', '--image-path', images(), '--leave-running')).status).toBe(0);
    expect(lives(first.pid)).toBe(true);
    first.child.kill('SIGTERM');
    expect((await first.ended).status).toBe(9);

    const second = await running('restore', '--id', 'another', '--image-path', images());
    expect(JSON.parse((await about('state', '--id', 'another')).stdout)).toMatchObject({
      init_process_pid: second.pid,
    });
    expect((await about('exec', '--id', 'another', 'ps')).stdout).toContain('trap');
    second.child.kill('SIGTERM');
    expect((await second.ended).status).toBe(9);
  });

  it('leave the container alone, or nothing at all, when they fail', async () => {
    const absent = await about('restore', '--image-path', join(box().work, 'absent'));
    expect(absent).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('there is no checkpoint in'),
    });
    const first = await running('exec', 'cat');
    const without = await cli().run(
      ['--root', box().state, '--criu', '/absent', 'checkpoint', '--image-path', images()],
      {
        cwd: box().rootfs,
      },
    );
    expect(without).toMatchObject({ status: 1, stderr: expect.stringContaining('there is no /absent (install criu') });
    expect(lives(first.pid)).toBe(true);
    mkdirSync(images(), { recursive: true });
    writeFileSync(join(images(), 'inventory.img'), 'not an image');
    writeSync(first.input.fd, 'through');
    first.input.close();
    expect(await first.ended).toMatchObject({ status: 0, stdout: 'through' });
    const broken = await about('restore', '--image-path', images());
    expect(broken).toMatchObject({ status: 1, stderr: expect.stringContaining('criu restore failed') });
    expect(readdirSync(images())).toEqual(['inventory.img']);
    expect(existsSync(box().state) ? readdirSync(box().state) : []).toEqual([]);
  });

  it('say by a descriptor that a lazy checkpoint is ready', async () => {
    const first = await running('exec', 'cat');
    const port = await freePort();
    const lazy = ['--lazy-pages', '--page-server', `127.0.0.1:${port}`, '--status-fd', '3'];
    const [read, write] = pipe();
    using ready = read;
    const child = cli().start(words('checkpoint', '--image-path', images(), ...lazy), {
      cwd: box().rootfs,
      stdio: ['ignore', 'pipe', 'pipe', write.fd],
    });
    const ended = finished(child);
    write.close();
    const byte = Buffer.alloc(2);
    const end = new Promise<number>((resolve, reject) => {
      readFile(ready.fd, byte, 0, 2, null, (error, count) => (error ? reject(error) : resolve(count)));
    });
    expect(await end).toBe(1);
    expect(byte[0]).toBe(0);
    // Somebody asks for what is no page, and it is given up.
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.alloc(24, 0xff));
    const told = await ended;
    socket.destroy();
    expect(told).toMatchObject({ status: 1 });
    expect(lives(first.pid)).toBe(true);
    writeSync(first.input.fd, 'through');
    first.input.close();
    expect(await first.ended).toMatchObject({ status: 0, stdout: 'through' });
  });

  it('let a container go on before its memory is there, and are done when it is', async (context) => {
    if (inUserNamespace) context.skip('in a user namespace: the kernel gives no userfaultfd(2) there');
    const first = await running('exec', '/bin/sh', '-c', 'trap "exit 9" TERM; echo up; while :; do sleep 1; done');
    expect((await about('checkpoint', '--image-path', images())).status).toBe(0);
    expect((await first.ended).status).toBe(137);
    const logs = join(box().work, 'logs');
    const [out, err] = ['lazy-out', 'lazy-err'].map((name) => join(box().work, name)) as [string, string];
    using nothing = new Fd(openSync('/dev/null', 'r'));
    using output = new Fd(openSync(out, 'w+'));
    using errors = new Fd(openSync(err, 'w+'));
    const child = cli().start(words('restore', '--image-path', images(), '--work-path', logs, '-d', '--lazy-pages'), {
      cwd: box().rootfs,
      stdio: [nothing.fd, output.fd, errors.fd],
    });
    expect([(await finished(child)).status, textOf(err)]).toEqual([0, expect.stringMatching(/^nsinit: restore of/)]);
    expect(textOf(join(logs, 'lazy-pages.log'))).toContain('UFFD transferred pages');
    expect(readdirSync(logs)).not.toContain('lazy-pages.socket');
    const { init_process_pid: pid } = JSON.parse((await about('state')).stdout) as { init_process_pid: number };
    expect(lives(pid)).toBe(true);
    expect(await about('destroy', '--force')).toMatchObject({ status: 0, stderr: '' });
    expect(lives(pid)).toBe(false);
  });

  it.each([
    [['checkpoint'], "The --image-path option isn't specified"],
    [['restore'], "The --image-path option isn't specified"],
    [['checkpoint', '--image-path', '/i', '--page-server', '1.2.3.4'], 'Use --page-server ADDRESS:PORT'],
    [['checkpoint', '--image-path', '/i', '--page-server', '1.2.3.4:0'], 'Invalid port number'],
    [['checkpoint', '--image-path', '/i', '--parent-path', '/j'], '--parent-path /j is absolute'],
    [['checkpoint', '--image-path', '/i', '--manage-cgroups-mode', 'hard'], 'mode for control groups'],
    [['checkpoint', '--image-path', '/i'], 'container nsinit does not exist'],
    [['checkpoint', '--image-path', '/i', '--network-lock', 'ebtables'], 'method'],
    [['checkpoint', '--image-path', '/i', '--empty-ns', 'mount'], 'namespace'],
    [['checkpoint', '--image-path', '/i', '--status-fd', 'x'], '--status-fd'],
    [['restore', '--image-path', '/i', '--detach', '--tty'], '--detach and --tty contradict each other'],
    [['restore', '--image-path', '/i', '--pid-file', '/absent/pid'], '/absent/pid: ENOENT'],
  ])('%j is refused', async (args, message) => {
    expect(await about(...args)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(message) });
  });
});

import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFactory } from '@nsinit/libcontainer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Box, textOf, until } from '../testing/box.ts';
import { Cli, finished } from '../testing/cli.ts';

const user = 'nsinit-vm-cli';
const cli = new Cli('build');
let box: Box;
let uid = '';

beforeAll(() => {
  execFileSync('useradd', ['--create-home', user]);
  uid = execFileSync('id', ['-u', user], { encoding: 'utf8' }).trim();
  execFileSync('loginctl', ['enable-linger', user]);
  execFileSync('systemctl', ['start', `user@${uid}.service`]);
  box = new Box();
  for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(box.rootfs, name));
  execFileSync('chown', ['-R', `${user}:${user}`, box.work]);
  chmodSync(box.work, 0o755);
});

afterAll(() => {
  box[Symbol.dispose]();
  execFileSync('loginctl', ['disable-linger', user]);
  execFileSync('systemctl', ['stop', `user@${uid}.service`, `user-runtime-dir@${uid}.service`]);
  execFileSync('userdel', ['--remove', user], { stdio: 'ignore' });
});

const session = () => `/run/user/${uid}`;

/** Starts the command line as the user. */
const start = (args: readonly string[], options: SpawnOptions = {}) =>
  spawn(
    'setpriv',
    ['--reuid', user, '--regid', user, '--init-groups', process.execPath, cli.path, '--root', box.state, ...args],
    { cwd: box.rootfs, ...options, env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: session(), ...options.env } },
  );
const run = (args: readonly string[], options?: SpawnOptions) => finished(start(args, options));

const systemctl = (...args: readonly string[]) =>
  execFileSync('setpriv', ['--reuid', user, '--regid', user, '--init-groups', 'systemctl', '--user', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], XDG_RUNTIME_DIR: session() },
  }).trim();

const scopes = () => systemctl('list-units', '--all', '--plain', '--no-legend', 'nsinit-*.scope');

describe('a user without root whose systemd keeps the group', () => {
  it('has limits, which every later command finds, and leaves nothing', async () => {
    const flags = ['exec', '--systemd', '--memory-limit', '67108864', '--pids-limit', '20'];
    const child = start([...flags, 'sh', '-c', 'touch /tmp/up; exec sleep 10000'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = finished(child);
    const pid = Number(await until(() => child.exitCode ?? textOf(join(box.rootfs, '.nspid'))));
    if (child.exitCode !== null) throw new Error((await ended).stderr);
    const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim();
    expect(group).toMatch(
      new RegExp(`^0::/user\\.slice/user-${uid}\\.slice/user@${uid}\\.service/.*/nsinit-nsinit-cli-.*\\.scope$`),
    );
    const dir = `/sys/fs/cgroup${group.slice(3)}`;
    const files = () => ['memory.max', 'pids.max'].map((name) => textOf(join(dir, name))?.trim());
    expect(files()).toEqual(['67108864', '20']);
    systemctl('daemon-reload');
    expect(files()).toEqual(['67108864', '20']);
    expect(readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/ +/)[1]).toBe(uid);

    expect((await run(['exec', 'cat', '/proc/self/cgroup'])).stdout.trim()).toContain('.scope');
    expect(await run(['pause'])).toMatchObject({ status: 0, stderr: '' });
    expect(textOf(join(dir, 'cgroup.freeze'))).toBe('1\n');
    expect(await run(['unpause'])).toMatchObject({ status: 0, stderr: '' });
    const stats = await run(['stats']);
    expect(JSON.parse(stats.stdout)).toMatchObject({ CgroupStats: { pids_stats: { limit: 20 } } });
    expect((await (await createFactory(box.state)).load('nsinit')).cgroupDriver).toBe('systemd');

    process.kill(pid, 'SIGKILL');
    expect((await ended).status).toBe(137);
    await until(() => scopes() === '');
    expect(readdirSync(box.state)).toEqual([]);
  });

  it('is told what to do where there is no bus', async () => {
    const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
    const { status, stderr } = await run(['exec', '--systemd', '--memory-limit', '67108864', 'true'], { env });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/no bus at \/nowhere\/bus.*loginctl enable-linger/)]);
    expect(readdirSync(box.state)).toEqual([]);
  });
});

describe('a user without root on cgroup v2 alone', () => {
  /** Starts a program as the user, in the root file system, with the default directory of states. */
  const spawnAs = (words: readonly string[], env: NodeJS.ProcessEnv = { XDG_RUNTIME_DIR: session() }) =>
    spawn('setpriv', ['--reuid', user, '--regid', user, '--init-groups', ...words], {
      cwd: box.rootfs,
      env: { PATH: process.env['PATH'], ...env },
    });
  const nsinit = (...args: readonly string[]) => [process.execPath, cli.path, ...args];
  const waiting = ['exec', 'sh', '-c', 'trap "exit 9" TERM; touch /tmp/waits; while :; do sleep 0.1; done'];
  const isUp = () => existsSync(join(box.rootfs, 'tmp/waits'));
  const left = () => (existsSync(join(session(), 'nsinit')) ? readdirSync(join(session(), 'nsinit')) : []);

  afterEach(() => {
    rmSync(join(box.rootfs, 'tmp/waits'), { force: true });
    expect(left()).toEqual([]);
  });

  it('starts, joins, signals and ends containers, with the ids of a range', async () => {
    const child = spawnAs(nsinit(...waiting));
    const ended = finished(child);
    await until(() => isUp() || child.exitCode !== null);
    const script = 'id -u; touch /tmp/given; chown 1000:33 /tmp/given; busybox stat -c %u:%g /tmp/given; exit 6';
    expect(await finished(spawnAs(nsinit('exec', 'sh', '-c', script)))).toEqual({
      stdout: '0\n1000:33\n',
      stderr: '',
      status: 6,
      signal: null,
    });
    const range = Number(/^nsinit-vm-cli:(\d+):/m.exec(readFileSync('/etc/subuid', 'utf8'))?.[1]);
    expect(statSync(join(box.rootfs, 'tmp/given')).uid).toBe(range + 999);
    const words = [...nsinit('exec', '--tty', 'sh', '-c'), '"test -t 0 && tty; exit 4"'].join(' ');
    const terminal = await finished(spawnAs(['script', '--quiet', '--return', '--command', words, '/dev/null']));
    expect([terminal.status, terminal.stdout]).toEqual([4, '/dev/pts/0\r\n']);
    // This user's processes are in a group of root's here.
    const paused = await finished(spawnAs(nsinit('pause')));
    expect([paused.status, paused.stderr]).toEqual([1, expect.stringMatching(/pause needs a cgroup.*Delegate=yes/)]);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 9, stderr: '' });
  });

  it('pauses them where its own systemd has delegated a group', async () => {
    const scope = ['systemd-run', '--user', '--scope', '--quiet', '--property=Delegate=yes'];
    const child = spawnAs([...scope, ...nsinit(...waiting)]);
    const ended = finished(child);
    await until(() => isUp() || child.exitCode !== null);
    if (child.exitCode !== null) throw new Error((await ended).stderr);
    expect(await finished(spawnAs(nsinit('pause')))).toMatchObject({ status: 0, stderr: '' });
    expect((await finished(spawnAs(nsinit('exec', 'true')))).stderr).toMatch(/is paused/);
    expect(await finished(spawnAs(nsinit('unpause')))).toMatchObject({ status: 0, stderr: '' });
    child.kill('SIGTERM');
    expect((await ended).status).toBe(9);
  });

  it('has one id and no session where nobody gave more', async () => {
    for (const kind of ['uid', 'gid']) {
      const file = `/etc/sub${kind}`;
      writeFileSync(file, readFileSync(file, 'utf8').replace(new RegExp(`^${user}:.*\\n`, 'm'), ''));
    }
    const env = { TMPDIR: box.work };
    const { stdout, stderr, status } = await finished(
      spawnAs(nsinit('exec', 'sh', '-c', 'cat /proc/self/uid_map; cat /proc/self/setgroups; exit 3'), env),
    );
    expect([status, stderr]).toEqual([3, '']);
    expect(stdout.trim().split(/\s+/)).toEqual(['0', uid, '1', 'deny']);
    expect(existsSync(join(box.work, `nsinit-${uid}`))).toBe(false);
  });
});

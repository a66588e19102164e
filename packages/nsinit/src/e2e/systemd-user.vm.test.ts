import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFactory } from '@nsinit/libcontainer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

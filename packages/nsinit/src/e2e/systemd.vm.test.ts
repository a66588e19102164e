import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createFactory } from '@nsinit/libcontainer';
import { afterEach, describe, expect, it } from 'vitest';
import { besideContainer, type Running } from '../testing/beside.ts';
import { lives, textOf, until } from '../testing/box.ts';
import { finished } from '../testing/cli.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox({
  from: 'build',
  prepare: (fresh) =>
    fresh.config({
      namespaces: [{ type: 'NEWNS' }, { type: 'NEWPID' }, { type: 'NEWNET' }],
      devices: [{ type: 'c', path: '/dev/null', major: 1, minor: 3 }],
      annotations: { 'org.systemd.property.TimeoutStopSec': '7' },
      cgroups: {
        parent: 'nsinit',
        name: basename(fresh.rootfs),
        slice: 'machine.slice',
        memory: 64 << 20,
        pids_limit: 30,
        allowed_devices: [{ type: 'c', major: 1, minor: 3, permissions: 'rwm' }],
      },
    }),
});
afterEach(() => expect(units()).toEqual([]));

const exec = (...args: readonly string[]) => cli().run(box().exec(...args), { cwd: box().rootfs });
const about = (...args: readonly string[]) => cli().run(['--root', box().state, ...args], { cwd: box().rootfs });
const systemctl = (...args: readonly string[]) => execFileSync('systemctl', args, { encoding: 'utf8' }).trim();
const scope = () => `nsinit-${basename(box().rootfs)}.scope`;

/** Scopes of containers that systemd knows, in whatever state. */
const units = () =>
  systemctl('list-units', '--all', '--plain', '--no-legend', 'nsinit-*.scope').split('\n').filter(Boolean);

function show(...names: readonly string[]): Readonly<Record<string, string>> {
  const text = systemctl('show', scope(), ...names.map((name) => `--property=${name}`));
  return Object.fromEntries(text.split('\n').map((line) => line.split(/=(.*)/s) as [string, string]));
}

const beside = (body: (running: Running) => Promise<void>) =>
  besideContainer(cli(), box(), 'exec sleep 10000', ['--systemd'], body);

describe('a container whose group systemd keeps', () => {
  it('is a scope with the limits, which stays as it is when systemd reloads', async () => {
    await beside(async ({ pid, groups }) => {
      const wanted = {
        Slice: 'machine.slice',
        Delegate: 'yes',
        // In order to be stopped with the services that it needs, and not before them.
        DefaultDependencies: 'no',
        MemoryMax: String(64 << 20),
        TasksMax: '30',
        DevicePolicy: 'strict',
        DeviceAllow: '/dev/char/1:3 rwm',
        TimeoutStopUSec: '7s',
        ControlGroup: `/machine.slice/${scope()}`,
      };
      const names = Object.keys(wanted);
      expect(show(...names)).toEqual(wanted);
      expect(groups['']).toBe(`/sys/fs/cgroup/machine.slice/${scope()}`);
      expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toBe(`0::/machine.slice/${scope()}\n`);
      const files = () =>
        ['memory.max', 'pids.max'].map((name) => readFileSync(join(groups['']!, name), 'utf8').trim());
      const devices = async () =>
        (await exec('sh', '-c', 'echo > /dev/null && echo null; mknod /tmp/zero c 1 5 || echo no zero')).stdout;
      expect(files()).toEqual([String(64 << 20), '30']);
      expect(await devices()).toBe('null\nno zero\n');
      systemctl('daemon-reload');
      expect(show(...names)).toEqual(wanted);
      expect(files()).toEqual([String(64 << 20), '30']);
      expect(await devices()).toBe('null\nno zero\n');
    });
  });

  it('is found with its driver by every later command', async () => {
    await beside(async ({ pid, groups }) => {
      const state = JSON.parse((await about('state')).stdout) as Record<string, unknown>;
      expect(state).toMatchObject({ cgroup_driver: 'systemd', init_process_pid: pid });
      expect((await exec('cat', '/proc/self/cgroup')).stdout).toContain(`/${scope()}\n`);
      expect(JSON.parse((await about('stats')).stdout)).toMatchObject({
        CgroupStats: { memory_stats: { usage: { limit: 64 << 20 } } },
      });
      expect(await about('pause')).toMatchObject({ status: 0, stderr: '' });
      expect(textOf(join(groups['']!, 'cgroup.freeze'))).toBe('1\n');
      expect(await about('unpause')).toMatchObject({ status: 0, stderr: '' });
      const container = await (await createFactory(box().state)).load('nsinit');
      const { cgroups, ...config } = container.config();
      await container.set({ ...config, cgroups: { ...cgroups, memory: 96 << 20, pidsLimit: 40 } });
      expect(show('MemoryMax', 'TasksMax')).toEqual({ MemoryMax: String(96 << 20), TasksMax: '40' });
    });
  });

  it('is one again when it is restored so from a checkpoint', async () => {
    const options = { cwd: box().rootfs, stdio: 'ignore' } as const;
    const criu = ['--root', box().state, '--criu', '/usr/sbin/criu'];
    const images = join(box().work, 'images');
    const first = cli().start(box().exec('--systemd', 'sleep', '10000'), options);
    const over = finished(first);
    await until(() => textOf(join(box().rootfs, '.nspid')));
    const saved = await cli().run([...criu, 'checkpoint', '--image-path', images], { cwd: box().rootfs });
    expect([saved.status, saved.stderr]).toEqual([0, expect.stringContaining('checkpoint of nsinit')]);
    await over;
    expect(await about('destroy')).toMatchObject({ status: 0, stderr: '' });
    await until(() => units().length === 0);

    const second = cli().start([...criu, 'restore', '--systemd', '-d', '--image-path', images], options);
    expect((await finished(second)).status).toBe(0);
    const wanted = { MemoryMax: String(64 << 20), TasksMax: '30', ControlGroup: `/machine.slice/${scope()}` };
    expect(show(...Object.keys(wanted))).toEqual(wanted);
    const { init_process_pid: pid } = JSON.parse((await about('state')).stdout) as {
      readonly init_process_pid: number;
    };
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toBe(`0::/machine.slice/${scope()}\n`);
    expect(await about('destroy', '--force')).toMatchObject({ status: 0, stderr: '' });
    await until(() => units().length === 0);
  });

  it('is one again after the first has ended, failed or been killed for want of memory', async () => {
    for (const command of [['true'], ['false'], ['dd', 'if=/dev/null', 'of=/dev/null', 'bs=256M', 'count=1'], ['true']])
      await exec('--systemd', ...command);
    expect(await exec('--systemd', '/absent')).toMatchObject({ status: 127 });
    expect(units()).toEqual([]);
  });

  it('leaves no scope when its starter is killed at any moment', async () => {
    for (let round = 0; round < 25; round += 1) {
      const child = cli().start(box().exec('--systemd', '--id', 'short', 'sleep', '10000'), {
        cwd: box().rootfs,
        stdio: 'ignore',
      });
      const gone = new Promise((resolve) => child.once('close', resolve));
      // From before it has read anything to after the container runs.
      await delay(round * 100);
      child.kill('SIGKILL');
      await gone;
      const factory = await createFactory(box().state);
      const found = await factory.load('short').catch(() => undefined);
      const pids = found ? await found.processes().catch(() => []) : [];
      await found?.destroy({ force: true });
      for (const pid of pids) await until(() => !lives(pid));
      await until(() => units().length === 0);
    }
    expect(systemctl('list-units', '--failed', '--plain', '--no-legend')).toBe('');
  });
});

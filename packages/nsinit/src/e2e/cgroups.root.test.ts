import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuWeightOf } from '@nsinit/cgroups';
import { describe, expect, it } from 'vitest';
import { besideContainer, groupFile, type Running } from '../testing/beside.ts';
import { textOf, until } from '../testing/box.ts';
import { finished, type Result } from '../testing/cli.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

const about = (...args: readonly string[]) => cli().run(['--root', box().state, ...args], { cwd: box().rootfs });
const exec = (...args: readonly string[]) => cli().run(box().exec(...args), { cwd: box().rootfs });

const beside = (script: string, flags: readonly string[], body: (running: Running) => Promise<void>) =>
  besideContainer(cli(), box(), script, flags, body);

const frozen = (running: Running) =>
  /^(FROZEN|1)$/.test(groupFile(running, 'freezer', { v1: 'freezer.state', v2: 'cgroup.freeze' }).text);

describe('nsinit pause and unpause', () => {
  it('stop a container where it is, for every process to see, and let it go on', async () => {
    const count = () => textOf(join(box().rootfs, 'tmp/n')) ?? '';
    await beside('i=0; while :; do i=$((i+1)); echo $i >> /tmp/n; done', [], async (running) => {
      await until(() => count().length > 0);
      expect(frozen(running)).toBe(false);
      expect(await about('pause')).toMatchObject({ status: 0, stdout: '', stderr: '' });
      expect(frozen(running)).toBe(true);
      const before = count();
      await delay(50);
      expect(count().length).toBe(before.length);
      const refused = await exec('true');
      expect([refused.status, refused.stderr]).toEqual([
        1,
        'nsinit: container nsinit is paused (nsinit unpause --id nsinit lets it go on)\n',
      ]);
      expect(await about('pause')).toMatchObject({ status: 0, stderr: '' });
      expect(JSON.parse((await about('state')).stdout)).toMatchObject({ init_process_pid: running.pid });
      expect(await about('unpause')).toMatchObject({ status: 0, stdout: '', stderr: '' });
      expect(frozen(running)).toBe(false);
      await until(() => count().length > before.length);
      expect(await exec('echo', 'back')).toMatchObject({ status: 0, stdout: 'back\n' });
    });
  });

  it.each(['pause', 'unpause', 'stats', 'oom'])('%s names a container that is not there', async (command) => {
    const { status, stdout, stderr } = await about(command, '--id', 'nobody');
    expect([status, stdout, stderr]).toEqual([1, '', 'nsinit: container nobody does not exist\n']);
  });

  it.each(['pause', 'unpause', 'stats', 'oom'])('%s says what a container without a group lacks', async (command) => {
    box().config({ namespaces: [{ type: 'NEWNS' }, { type: 'NEWPID' }] });
    const child = cli().start(box().exec('sleep', '100'), { cwd: box().rootfs, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const pid = Number(await until(() => textOf(join(box().rootfs, '.nspid'))));
    const { status, stderr } = await about(command);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^nsinit: .* needs a cgroup, and the configuration has no cgroups section \(give .*\)\n$/);
    process.kill(pid, 'SIGKILL');
    await ended;
  });
});

describe('nsinit stats', () => {
  it('counts what the container uses', async () => {
    await beside('exec sleep 100', ['--memory-limit', '33554432'], async () => {
      const { status, stdout, stderr } = await about('stats');
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^\{\n\t"Interfaces": \[\],\n\t"CgroupStats": \{\n\t\t"cpu_stats": \{\n[\s\S]*\n\}$/);
      const { CgroupStats: stats } = JSON.parse(stdout) as { CgroupStats: Record<string, Record<string, object>> };
      expect(stats['cpu_stats']).toMatchObject({ cpu_usage: { total_usage: expect.any(Number) } });
      expect(stats['memory_stats']).toMatchObject({ usage: { limit: 33554432 } });
      expect(stats['pids_stats']).toMatchObject({ current: 1 });
    });
  });
});

it('two containers of one directory have groups of their own', async () => {
  await beside('exec sleep 100', ['--pids-limit', '8'], async ({ groups }) => {
    const other = await exec('--id', 'other', '--pids-limit', '9', 'cat', '/proc/self/cgroup');
    const own = Object.values(groups)[0]!.split('/').at(-1)!;
    expect(other.stdout.split('\n')[0]).toMatch(new RegExp(`/nsinit/${own}-other$`));
    const dir = groups['pids'] ?? groups['']!;
    expect(textOf(join(dir, 'pids.max'))).toBe('8\n');
  });
});

describe('nsinit stats --watch', () => {
  it('shows a view again and again until the container ends', async () => {
    let seen = '';
    let ended: Promise<Result> | undefined;
    await beside('exec sleep 100', ['--memory-limit', '33554432', '--pids-limit', '8'], async () => {
      const watch = cli().start(['--root', box().state, 'stats', '--watch', '--interval', '20'], {
        cwd: box().rootfs,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      watch.stdout!.on('data', (chunk: Buffer) => {
        seen += chunk;
      });
      ended = finished(watch);
      await until(() => watch.exitCode !== null || seen.split('\n\n').length > 3);
    });
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    for (const view of seen.split('\n\n').slice(0, 3)) {
      expect(view).toMatch(/^nsinit\ncpu +[█-▏·]{24} {2}[\d.]+ % of \d+ %\n/);
      expect(view).toMatch(/^memory +\S{24} {2}[\d.]+ .?i?B of 32\.0 MiB/m);
      expect(view).toMatch(/^pids +\S{24} {2}1 of 8$/m);
    }
  });

  it('is refused without time between views', async () => {
    const { status, stderr } = await about('stats', '--watch', '--interval', '1');
    expect([status, stderr]).toEqual([1, 'nsinit: --interval: 1 is less than 10 ms (give it in milliseconds)\n']);
  });
});

describe('limits by flags', () => {
  it('are in the files of the group', async () => {
    const flags = ['--cpushares', '512', '--cpuset-cpus', '0', '--memory-limit', '33554432'];
    await beside('exec sleep 100', flags, async (running) => {
      const memory = groupFile(running, 'memory', { v1: 'memory.limit_in_bytes', v2: 'memory.max' });
      expect(memory.text).toBe('33554432');
      expect(groupFile(running, 'cpuset', { v1: 'cpuset.cpus', v2: 'cpuset.cpus' }).text).toBe('0');
      const cpu = groupFile(running, 'cpu', { v1: 'cpu.shares', v2: 'cpu.weight' });
      expect(cpu.text).toBe(cpu.version === 1 ? '512' : String(cpuWeightOf(512)));
      expect((await exec('grep', 'Cpus_allowed_list', '/proc/self/status')).stdout).toBe('Cpus_allowed_list:\t0\n');
    });
  });

  it('of memory kills whoever wants more, which nsinit oom tells until the container ends', async () => {
    let told = '';
    let ended: Promise<Result> | undefined;
    await beside('exec sleep 100', ['--memory-limit', '16777216', '--memory-swap', '16777216'], async () => {
      const oom = cli().start(['--root', box().state, 'oom'], { cwd: box().rootfs, stdio: ['ignore', 'pipe', 'pipe'] });
      oom.stdout!.on('data', (chunk: Buffer) => {
        told += chunk;
      });
      ended = finished(oom);
      // What happens before it listens is not told, so it happens until then.
      while (told === '' && oom.exitCode === null) {
        const { status } = await exec('dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1');
        expect(status).toBe(137);
      }
    });
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    expect(told).toMatch(/^(OOM notification received\n)+$/);
  });
});

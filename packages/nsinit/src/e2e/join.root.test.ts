import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Box, lives, textOf, until } from '../testing/box.ts';
import { finished } from '../testing/cli.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

const exec = (script: string, ...flags: readonly string[]) =>
  cli().run(box().exec(...flags, '/bin/sh', '-c', script), { cwd: box().rootfs });

const state = (...flags: readonly string[]) =>
  cli().run(['--root', box().state, 'state', ...flags], { cwd: box().rootfs });

/** Starts a container whose first process tells that it runs, and then waits to be killed. */
async function sleeper(...flags: readonly string[]) {
  const child = cli().start(box().exec(...flags, '/bin/sh', '-c', 'touch /tmp/up; exec sleep 1000'), {
    cwd: box().rootfs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = finished(child);
  const pid = Number(
    await until(() => existsSync(join(box().rootfs, 'tmp/up')) && textOf(join(box().rootfs, '.nspid'))),
  );
  return { child, ended, pid };
}

describe('a second nsinit exec', () => {
  it('joins the container of the first, sees its processes, and ends with it', async () => {
    const { ended, pid } = await sleeper();
    const second = await exec('ps; hostname');
    expect(second.stdout).toContain('sleep 1000');
    expect(second.stdout).toContain('nsinit');
    const third = cli().start(box().exec('/bin/sh', '-c', 'touch /tmp/third; exec sleep 1001'), {
      cwd: box().rootfs,
      stdio: 'ignore',
    });
    const others = new Promise((resolve) => third.once('close', resolve));
    await until(() => existsSync(join(box().rootfs, 'tmp/third')));
    process.kill(pid, 'SIGKILL');
    expect((await ended).status).toBe(137);
    expect(await others).toBe(137);
    expect(existsSync(join(box().rootfs, '.nspid'))).toBe(false);
    expect(existsSync(join(box().rootfs, 'state.json'))).toBe(false);
  });

  it('refuses to join a container of another root file system, unless its id is named', async () => {
    const other = new Box();
    try {
      const { ended, pid } = await sleeper();
      const refused = await cli().run(['--root', box().state, 'exec', 'true'], { cwd: other.rootfs });
      expect(refused.stderr).toContain(`container nsinit lives in ${box().rootfs} and not in ${other.rootfs}`);
      expect(refused.stderr).toContain('--id');
      expect(refused.status).toBe(1);
      const joined = await cli().run(['--root', box().state, 'exec', '--id', 'nsinit', 'ps'], { cwd: other.rootfs });
      expect(joined.stdout).toContain('sleep 1000');
      const own = await cli().run(box().exec('--id', 'other', 'ps'), { cwd: other.rootfs });
      expect(own.stdout).not.toContain('sleep 1000');
      process.kill(pid, 'SIGKILL');
      await ended;
    } finally {
      other[Symbol.dispose]();
    }
  });

  it('gives many that start at once one container', async () => {
    const runs = await Promise.all(Array.from({ length: 6 }, () => exec('sleep 1; echo $$')));
    for (const { status, stderr } of runs)
      expect([status, stderr.includes('Error')]).toEqual([expect.any(Number), false]);
    // One of them is the first process; whoever outlives it is killed with it.
    expect(runs.filter(({ stdout }) => stdout === '1\n')).toHaveLength(1);
    expect(runs.every(({ status }) => status === 0 || status === 137)).toBe(true);
  });
});

describe('when nsinit is killed', () => {
  it('leaves the container alive, which can be looked at and joined; after its end there is a fresh one', async () => {
    const { child, pid } = await sleeper();
    // Its output stays open in the container, so that only its own end can be waited for.
    const killed = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await killed;
    expect(lives(pid)).toBe(true);
    const { stdout, status } = await state();
    expect(status).toBe(0);
    expect(stdout.endsWith('}')).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'nsinit', init_process_pid: pid, config: { rootfs: box().rootfs } });
    expect((await exec('ps')).stdout).toContain('sleep 1000');
    process.kill(pid, 'SIGKILL');
    await until(() => !lives(pid));
    const gone = await state();
    expect([gone.status, gone.stdout]).toEqual([1, '']);
    expect((await exec('echo $$; ps')).stdout).toMatch(/^1\n(?!.*sleep 1000)/s);
    // The files that the killed one left were replaced, and are gone with the fresh one.
    expect(existsSync(join(box().rootfs, '.nspid'))).toBe(false);
  });

  it('ends the container when --parent-death-signal asks for it', async () => {
    const { child, ended, pid } = await sleeper('--parent-death-signal', 'KILL');
    child.kill('SIGKILL');
    await ended;
    await until(() => !lives(pid));
    expect((await exec('echo $$')).stdout).toBe('1\n');
  });
});

describe('nsinit state', () => {
  it('names a container that is not there', async () => {
    const { status, stderr } = await state('--id', 'nobody');
    expect([status, stderr]).toEqual([1, 'nsinit: container nobody does not exist\n']);
  });
});

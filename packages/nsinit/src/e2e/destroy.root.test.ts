import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lives, textOf, until } from '../testing/box.ts';
import { finished } from '../testing/cli.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

const destroy = (...args: readonly string[]) =>
  cli().run(['--root', box().state, 'destroy', ...args], { cwd: box().rootfs });

/** Starts a container, and gives its first process when it lives. */
async function running(...flags: readonly string[]) {
  const child = cli().start(box().exec(...flags, '/bin/sh', '-c', 'touch /tmp/up; sleep 1000 & wait'), {
    cwd: box().rootfs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = finished(child);
  const pid = Number(
    await until(
      () =>
        (child.exitCode !== null && 'ended') ||
        (textOf(join(box().rootfs, 'tmp/up')) === '' && textOf(join(box().rootfs, '.nspid'))),
    ),
  );
  if (Number.isNaN(pid)) throw new Error((await ended).stderr);
  return { child, ended, pid };
}

describe('nsinit destroy', () => {
  it('leaves a container alone that runs, unless it is forced', async () => {
    const { ended, pid } = await running('--id', 'one');
    const refused = await destroy('--id', 'one');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toBe(
      'nsinit: the container has processes that live (nsinit destroy --id one --force ends them first)\n',
    );
    expect(lives(pid)).toBe(true);
    expect(await destroy('--id', 'one', '--force')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(lives(pid)).toBe(false);
    expect(await ended).toMatchObject({ status: 137 });
    expect(box().left()).toEqual([]);
  });

  it('ends one that is paused', async () => {
    const { ended, pid } = await running();
    expect(await cli().run(['--root', box().state, 'pause'], { cwd: box().rootfs })).toMatchObject({ status: 0 });
    expect((await destroy()).status).toBe(1);
    expect(await destroy('-f')).toMatchObject({ status: 0, stderr: '' });
    expect(lives(pid)).toBe(false);
    expect(await ended).toMatchObject({ status: 137 });
  });

  it('removes what nobody was there to remove', async () => {
    const { child, ended, pid } = await running();
    child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await until(() => !lives(pid));
    await ended;
    expect(box().left()).not.toEqual([]);
    expect(await destroy()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(box().left()).toEqual([]);
  });

  it('names a container that is not there, unless it is forced', async () => {
    expect(await destroy('--id', 'absent')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('container absent does not exist'),
    });
    expect(await destroy('--id', 'absent', '--force')).toMatchObject({ status: 0, stderr: '' });
  });
});

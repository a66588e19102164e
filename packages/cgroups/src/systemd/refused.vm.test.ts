import { execFileSync, spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { createManager } from '../create.ts';
import { detectLayout } from '../layout/layout.ts';
import { testName, WaitingShell } from '../testing/host.ts';
import { testsOfWhatIsRefused } from '../testing/refused.ts';

const name = testName();
const unit = `refused-${name}.scope`;

function expectNothing(): void {
  const units = ['list-units', '--all', '--no-legend', '--plain', unit];
  expect(execFileSync('systemctl', units, { encoding: 'utf8' })).toBe('');
  const { stdout } = spawnSync('find', [detectLayout().v2!.mountPoint, '-name', unit], { encoding: 'utf8' });
  expect(stdout).toBe('');
}

testsOfWhatIsRefused(
  (resources) => createManager({ driver: 'systemd', parent: 'refused', name, resources }),
  expectNothing,
);

it('a scope that is in use is refused, and the process stays where it was', async () => {
  const options = { driver: 'systemd', parent: 'refused', name } as const;
  const first = await createManager(options);
  await using inside = new WaitingShell('true');
  await using outside = new WaitingShell('true');
  await first.apply(inside.pid);
  const second = await createManager(options);
  await expect(second.apply(outside.pid)).rejects.toMatchObject({
    code: 'ERR_CGROUP_BUS',
    message: expect.stringContaining(unit),
  });
  expect(first.pids()).toEqual([inside.pid]);
  await first.kill();
  await first.destroy();
  expectNothing();
});

it('a scope of the same name that has failed is in nobody‘s way', async () => {
  spawnSync('systemd-run', ['--scope', `--unit=${unit}`, '--property=RuntimeMaxSec=1', 'sleep', '100']);
  const state = () => execFileSync('systemctl', ['show', unit, '--property=ActiveState'], { encoding: 'utf8' }).trim();
  expect(state()).toBe('ActiveState=failed');
  const manager = await createManager({ driver: 'systemd', parent: 'refused', name });
  await using shell = new WaitingShell('true');
  await manager.apply(shell.pid);
  expect(state()).toBe('ActiveState=active');
  await manager.kill();
  await manager.destroy();
  expectNothing();
});

import { expect, it } from 'vitest';
import { detectLayout } from '../layout/layout.ts';
import { testName, WaitingShell } from '../testing/host.ts';
import { CgroupfsManager } from './manager.ts';

const layout = detectLayout();

/** As on a host of v1 alone: nothing of cgroup v2 is used. */
const alone = { ...layout, kind: 'v1', v2: undefined } as const;

it('kills by v1 alone what forks all the time and what is frozen', async ({ skip }) => {
  skip(!layout.v1.some(({ controllers }) => controllers.includes('freezer')), 'host: it has no freezer of cgroup v1');
  const manager = new CgroupfsManager({ path: testName(), layout: alone, resources: { pidsLimit: 60 } });
  await using bomb = new WaitingShell('exec perl -e "fork while 1" >/dev/null 2>&1');
  await using frozen = new WaitingShell('true');
  try {
    await manager.apply(bomb.pid);
    await manager.apply(frozen.pid);
    expect(Object.keys(manager.paths())).not.toContain('');
    bomb.go();
    while (manager.pids().length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    await manager.freeze();
    expect(manager.state()).toBe('FROZEN');
  } finally {
    await manager.kill();
    await manager.destroy();
  }
  expect(await frozen.ended).toBe('SIGKILL');
  expect(manager.exists()).toBe(false);
});

it('waits for the end of processes without an event of the kernel', async ({ skip }) => {
  skip(layout.v1.length === 0, 'host: it has no cgroup v1');
  const manager = new CgroupfsManager({ path: testName(), layout: alone });
  await using shell = new WaitingShell('sleep 0.2');
  await manager.apply(shell.pid);
  shell.go();
  await manager.empty({ timeoutMs: 20_000 });
  await manager.destroy();
  expect(manager.exists()).toBe(false);
});

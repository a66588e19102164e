import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detectLayout } from '../layout/layout.ts';
import { testManager, testName, WaitingShell } from '../testing/host.ts';
import { inheritCpuset } from '../v1/cpuset.ts';
import { CgroupfsManager } from './manager.ts';

const layout = detectLayout();
const freezerKey = layout.v1.some(({ controllers }) => controllers.includes('freezer')) ? 'freezer' : '';

/** Makes a group below another in every hierarchy, as a container with a private cgroup namespace can. */
function nest(manager: CgroupfsManager, name: string): void {
  for (const path of new Set(Object.values(manager.paths()))) mkdirSync(`${path}/${name}`, { recursive: true });
}

function moveInto(manager: CgroupfsManager, name: string, pid: number): void {
  for (const path of new Set(Object.values(manager.paths()))) {
    if (path.includes('/cpuset/')) inheritCpuset(`${path}/${name}`, path);
    writeFileSync(`${path}/${name}/cgroup.procs`, String(pid));
  }
}

function freezeNested(manager: CgroupfsManager, name: string): void {
  const path = `${manager.paths()[freezerKey]}/${name}`;
  if (freezerKey === 'freezer') writeFileSync(`${path}/freezer.state`, 'FROZEN');
  else writeFileSync(`${path}/cgroup.freeze`, '1');
}

describe('freeze', () => {
  it('stops processes, and another manager sees it and lets them go on', async () => {
    const path = testName();
    await using manager = testManager({}, path);
    await using shell = new WaitingShell('echo went on');
    await manager.apply(shell.pid);
    await manager.freeze();
    expect(manager.state()).toBe('FROZEN');
    shell.go();
    const other = new CgroupfsManager({ paths: manager.paths() });
    expect(other.state()).toBe('FROZEN');
    expect(shell.output).toBe('');
    await other.thaw();
    expect(manager.state()).toBe('THAWED');
    expect(await shell.ended).toBe(0);
    expect(shell.output).toBe('went on\n');
  });

  it('is undone by thaw in groups below', async () => {
    await using manager = testManager();
    await using shell = new WaitingShell('echo went on');
    await manager.apply(shell.pid);
    nest(manager, 'inner');
    moveInto(manager, 'inner', shell.pid);
    freezeNested(manager, 'inner');
    await manager.freeze();
    await manager.thaw();
    shell.go();
    expect(await shell.ended).toBe(0);
  });

  it('is a state that a group can start in', async () => {
    await using manager = testManager({ freezer: 'FROZEN' });
    await using shell = new WaitingShell('true');
    await manager.apply(shell.pid);
    expect(manager.state()).toBe('FROZEN');
    await manager.set({ freezer: 'THAWED' });
    expect(manager.state()).toBe('THAWED');
  });

  it('can be ended by others when the process that did it was killed', async () => {
    const path = testName();
    await using manager = testManager({}, path);
    await using shell = new WaitingShell('true');
    await manager.apply(shell.pid);
    const state = `${manager.paths()[freezerKey]}/${freezerKey ? 'freezer.state' : 'cgroup.freeze'}`;
    const child = spawn('sh', ['-c', `echo ${freezerKey ? 'FROZEN' : '1'} >${state}; kill -9 $$`]);
    await once(child, 'exit');
    expect(manager.state()).toBe('FROZEN');
    await manager.kill();
    expect(await shell.ended).toBe('SIGKILL');
  });
});

describe('kill', () => {
  it('reaches frozen processes in nested groups', async () => {
    await using manager = testManager();
    await using outer = new WaitingShell('true');
    await using inner = new WaitingShell('true');
    await manager.apply(outer.pid);
    await manager.apply(inner.pid);
    nest(manager, 'a/b');
    moveInto(manager, 'a/b', inner.pid);
    freezeNested(manager, 'a/b');
    await manager.freeze();
    expect(manager.pids()).toEqual([outer.pid]);
    expect(manager.pids({ recursive: true })).toEqual([outer.pid, inner.pid].toSorted((a, b) => a - b));
    await manager.kill();
    expect([await outer.ended, await inner.ended]).toEqual(['SIGKILL', 'SIGKILL']);
    await manager.destroy();
    expect(manager.exists()).toBe(false);
  });

  it('reaches processes that fork all the time', async () => {
    await using manager = testManager({ pidsLimit: 60 });
    // A shell would give up when it cannot fork.
    const bomb = 'exec perl -e "fork while 1" >/dev/null 2>&1';
    await using shell = new WaitingShell(bomb);
    await manager.apply(shell.pid);
    shell.go();
    while (manager.pids().length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    await manager.kill();
    expect(manager.pids({ recursive: true })).toEqual([]);
  });

  it('sends other signals, and leaves a frozen group frozen', async () => {
    await using manager = testManager();
    await using shell = new WaitingShell('trap "echo caught; exit 5" TERM; echo ready; while :; do sleep 0.01; done');
    await manager.apply(shell.pid);
    shell.go();
    await shell.printed('ready');
    await manager.freeze();
    await manager.kill({ signalNumber: 15 });
    expect(manager.state()).toBe('FROZEN');
    expect(shell.output).not.toContain('caught');
    await manager.thaw();
    expect(await shell.ended).toBe(5);
  });
});

describe('destroy', () => {
  it('names the processes that are in the way, and does not wait for ever', async () => {
    await using manager = testManager();
    await using shell = new WaitingShell('true');
    await manager.apply(shell.pid);
    const error: unknown = await manager.destroy({ timeoutMs: 50 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_CGROUP_TIMEOUT', hint: 'kill the group first' });
    expect(String(error)).toMatch(new RegExp(`${shell.pid} \\(sh\\) in state [A-Z]`));
    expect(manager.exists()).toBe(true);
  });

  it('waits for processes that are about to end, and can be aborted', async () => {
    const manager = testManager();
    await using shell = new WaitingShell('sleep 0.2');
    await manager.apply(shell.pid);
    const reason = new Error('enough');
    await expect(manager.destroy({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    shell.go();
    await manager.destroy({ timeoutMs: 20_000 });
    expect(manager.exists()).toBe(false);
  });

  it('takes the parents along that were made for it, and only those', async () => {
    const parent = testName();
    const first = testManager({}, `${parent}/a`);
    const second = testManager({}, `${parent}/b`);
    for (const manager of [first, second]) (await manager.prepare()).directory?.close();
    await first.destroy();
    expect(second.exists()).toBe(true);
    await new CgroupfsManager({ paths: second.paths() }).destroy();
    expect(new CgroupfsManager({ path: parent }).exists()).toBe(false);

    const keptName = testName();
    const kept = testManager({}, keptName);
    (await kept.prepare()).directory?.close();
    const below = new CgroupfsManager({ path: `${keptName}/x` });
    (await below.prepare()).directory?.close();
    await below.destroy();
    expect(kept.exists()).toBe(true);
    await kept.destroy();
  });

  it('ends events of a group that never had a process', async () => {
    const manager = testManager({ memory: 32 << 20 });
    (await manager.prepare()).directory?.close();
    const events = manager.oomEvents();
    await manager.destroy();
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });
});

it('leaves no group behind in any hierarchy', () => {
  const mounts = [...layout.v1, ...(layout.v2 ? [layout.v2] : [])].map(({ mountPoint }) => mountPoint);
  const found = spawnSync('find', [...mounts, '-type', 'd', '-name', `nsinit-test-${process.pid}-*`], {
    encoding: 'utf8',
  });
  expect(found.stdout).toBe('');
});

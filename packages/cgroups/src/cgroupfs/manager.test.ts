import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../layout/layout.ts';
import type { Resources } from '../resources.ts';
import { fakeTree, textOf } from '../testing/fake.ts';
import { CgroupfsManager } from './manager.ts';

function fakeLayout(root: string, controllers: readonly string[], onV2: readonly string[] | undefined): Layout {
  const v1 = controllers.map((name) => {
    mkdirSync(`${root}/${name}`, { recursive: true });
    return { version: 1, controllers: [name], mountPoint: `${root}/${name}`, root: '/' } as const;
  });
  const v2 = onV2 && ({ version: 2, controllers: onV2, mountPoint: `${root}/unified`, root: '/' } as const);
  if (v2) mkdirSync(v2.mountPoint, { recursive: true });
  return { kind: v2 ? (v1.length > 0 ? 'hybrid' : 'v2') : 'v1', v1, v2 };
}

function manager(layout: Layout, resources: Resources): CgroupfsManager {
  return new CgroupfsManager({ path: '/parent/c', layout, memberships: [], resources, rootless: false });
}

describe('prepare', () => {
  it.each<[Resources, string]>([
    [{ pidsLimit: 3 }, 'pidsLimit: mountpoint for pids not found'],
    [{ netClsClassid: '1' }, 'netClsClassid: only cgroup v1 has this limit'],
    [{ unified: { 'memory.high': '1' } }, 'unified: this host has no cgroup v2'],
    [{ allowAllDevices: false }, 'allowedDevices: mountpoint for devices not found'],
    [{ hugetlbLimit: [{ pageSize: '2MB', limit: 1 }] }, 'hugetlbLimit[0]: mountpoint for hugetlb not found'],
  ])('refuses %j without its controller, before anything is made', async (resources, message) => {
    const root = fakeTree({});
    const group = manager(fakeLayout(root, ['cpu', 'memory'], undefined), resources);
    await expect(group.prepare()).rejects.toThrow(message);
    expect(group.exists()).toBe(false);
    expect(existsSync(`${root}/cpu/parent`)).toBe(false);
  });

  it('removes what it has made when a limit is refused', async () => {
    const root = fakeTree({});
    const group = manager(fakeLayout(root, ['cpu', 'memory'], undefined), { cpuShares: 5 });
    // No file appears in a plain directory, so that the limit has no place.
    await expect(group.prepare()).rejects.toThrow(/cpuShares: write "5" to .*cpu.shares: ENOENT/);
    expect(existsSync(`${root}/cpu/parent`)).toBe(false);
    expect(existsSync(`${root}/memory/parent`)).toBe(false);
  });

  it('refuses a path that leaves its place', () => {
    expect(() => new CgroupfsManager({ path: '/a/../../b' })).toThrow('leaves its place');
    expect(() => new CgroupfsManager({ parent: 'x', name: '..' })).toThrow('leaves its place');
  });

  it('refuses a group that others use, when it is to be its own', async () => {
    const root = fakeTree({ 'cpu/parent/c/cgroup.procs': '1\n' });
    const layout = fakeLayout(root, ['cpu'], undefined);
    const options = { path: '/parent/c', layout, memberships: [], rootless: false };
    await expect(new CgroupfsManager({ ...options, exclusive: true }).prepare()).rejects.toMatchObject({
      code: 'ERR_CGROUP_BUSY',
      message: expect.stringContaining('exists and has processes'),
    });
    writeFileSync(`${root}/cpu/parent/c/cgroup.procs`, '');
    await expect(new CgroupfsManager({ ...options, exclusive: true }).prepare()).resolves.toMatchObject({
      mustApply: true,
    });
  });
});

it('knows its paths by controller, and can be made from them again', () => {
  const root = fakeTree({});
  const layout = fakeLayout(root, ['memory', 'freezer'], ['hugetlb']);
  const paths = manager(layout, {}).paths();
  expect(paths).toEqual({
    memory: `${root}/memory/parent/c`,
    freezer: `${root}/freezer/parent/c`,
    '': `${root}/unified/parent/c`,
  });
  expect(new CgroupfsManager({ paths, layout }).paths()).toEqual(paths);
  expect(() => new CgroupfsManager({ paths: { memory: '/etc' }, layout })).toThrow('/etc is not below');
});

it('changes limits of several hierarchies together or not at all', async () => {
  const root = fakeTree({
    'cpu/parent/c/cpu.shares': '1024\n',
    'memory/parent/c/memory.limit_in_bytes': '100\n',
  });
  const layout = fakeLayout(root, ['cpu', 'memory', 'pids'], undefined);
  const group = manager(layout, {});
  await group.set({ memory: 200_000, cpuShares: 512 });
  expect(textOf({ path: `${root}/cpu/parent/c` }, 'cpu.shares')).toBe('512');
  await expect(group.set({ memory: 300_000, cpuShares: 2048, pidsLimit: 4 })).rejects.toThrow('pidsLimit: write "4"');
  expect(textOf({ path: `${root}/cpu/parent/c` }, 'cpu.shares')).toBe('512');
  expect(textOf({ path: `${root}/memory/parent/c` }, 'memory.limit_in_bytes')).toBe('200000');
});

it('has no error for a group that is not there', async () => {
  const root = fakeTree({});
  const group = manager(fakeLayout(root, ['memory', 'freezer'], undefined), {});
  expect(group.pids({ recursive: true })).toEqual([]);
  expect(group.stats()).toEqual({});
  expect(group.state()).toBe('THAWED');
  await group.thaw();
  await group.kill();
  await group.destroy();
  await group.empty();
});

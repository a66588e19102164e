import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { GroupOptions } from '../options.ts';
import { fakeTree } from '../testing/fake.ts';
import { FakeSystemd } from '../testing/fake-systemd.ts';
import { BusError, BusVariant } from './bus.ts';
import { SystemdClient } from './client.ts';
import { connectBus } from './dbus-next.ts';
import { SystemdManager, type SystemdOptions } from './manager.ts';

function setUp(group: GroupOptions = {}, options: SystemdOptions = {}) {
  // What the kernel and systemd would make.
  const mountPoint = fakeTree({
    'system.slice/x.scope/cgroup.procs': '',
    'system.slice/x.scope/cgroup.events': 'populated 0\nfrozen 0\n',
    'system.slice/x.scope/memory.max': 'max\n',
    'system.slice/x.scope/pids.max': 'max\n',
  });
  const hierarchy = { version: 2, controllers: ['memory', 'pids', 'cpu'], mountPoint, root: '/' } as const;
  const layout = { kind: 'v2', v1: [], v2: hierarchy } as const;
  const systemd = new FakeSystemd();
  const client = new SystemdClient({ connect: () => systemd.connect(), timeoutMs: 1000 });
  const manager = new SystemdManager(
    { name: 'c', parent: 'nsinit', layout, rootless: false, ...group },
    { client, user: false, ...options },
  );
  return { systemd, manager, mountPoint };
}

describe('apply', () => {
  it('starts a scope with the process, its limits, and nothing that ends it early', async () => {
    const { systemd, manager, mountPoint } = setUp(
      { resources: { memory: 1_000_000 } },
      { slice: 'machine.slice', properties: [['CollectMode', new BusVariant('s', 'inactive-or-failed')]] },
    );
    expect(await manager.prepare()).toEqual({ directory: undefined, mustApply: true });
    expect(systemd.units.size).toBe(0);
    await manager.apply(process.pid);
    expect(systemd.properties('nsinit-c.scope')).toEqual({
      Slice: 'machine.slice',
      Description: 'container c',
      PIDs: [process.pid],
      Delegate: true,
      DefaultDependencies: false,
      MemoryAccounting: true,
      CPUAccounting: true,
      IOAccounting: true,
      TasksAccounting: true,
      MemoryMax: 1_000_000n,
      CollectMode: 'inactive-or-failed',
    });
    expect(manager.paths()).toEqual({ '': `${mountPoint}/system.slice/x.scope` });
  });

  it('forgets a scope of the same name that has failed, and starts it again', async () => {
    const { systemd, manager } = setUp();
    systemd.units.set('nsinit-c.scope', 'failed');
    await manager.apply(process.pid);
    expect(systemd.calls.map(([member]) => member)).toEqual(
      expect.arrayContaining(['StartTransientUnit', 'ResetFailedUnit']),
    );
    expect(systemd.units.get('nsinit-c.scope')).toBe('active');
  });

  it('leaves out what an old systemd does not take for a scope', async () => {
    const { systemd, manager } = setUp();
    const type = 'org.freedesktop.DBus.Error.PropertyReadOnly';
    systemd.errors.set('StartTransientUnit', new BusError(type, 'Cannot set property DefaultDependencies, or unknown'));
    await manager.apply(process.pid);
    expect(systemd.properties('nsinit-c.scope')).not.toHaveProperty('DefaultDependencies');
  });

  it('says what systemd refused', async () => {
    const { systemd, manager } = setUp();
    systemd.errors.set('StartTransientUnit', new BusError('org.freedesktop.DBus.Error.AccessDenied', 'no'));
    await expect(manager.apply(process.pid)).rejects.toMatchObject({
      code: 'ERR_CGROUP_BUS',
      message: expect.stringMatching(/start nsinit-c.scope: no .*AccessDenied.*run as root/),
    });
  });
});

describe('without a bus', () => {
  const client = new SystemdClient({
    connect: () => Promise.reject(new BusError('org.freedesktop.DBus.Error.NoServer', 'no bus')),
  });

  it('a user without limits stays where it is', async () => {
    const { manager } = setUp({ rootless: true }, { client, user: true });
    expect(await manager.prepare()).toEqual({ directory: undefined, mustApply: false });
    await manager.apply(process.pid);
    expect(manager.paths()).toEqual({});
    await manager.destroy();
  });

  it('a user with limits is told what to do', async () => {
    const { manager } = setUp({ rootless: true, resources: { memory: 5 << 20 } }, { client, user: true });
    await expect(manager.prepare()).rejects.toThrow(/no bus.*dbus-user-session.*loginctl enable-linger/);
  });

  it('is told which one was looked for', async () => {
    const absent = new SystemdClient({ connect: () => connectBus('unix:path=/nowhere/bus', 10_000) });
    const { manager, systemd } = setUp({ resources: { pidsLimit: 5 } }, { client: absent, user: false });
    await expect(manager.apply(process.pid)).rejects.toMatchObject({
      code: 'ERR_CGROUP_BUS',
      message: expect.stringMatching(/nsinit-c\.scope: no bus at \/nowhere\/bus/),
      hint: expect.stringContaining('use the cgroupfs driver'),
    });
    expect(systemd.units.size).toBe(0);
    expect(manager.exists()).toBe(false);
  });

  it('root is told of the other driver', async () => {
    const { manager } = setUp({}, { client, user: false });
    await expect(manager.prepare()).rejects.toThrow('use the cgroupfs driver');
  });
});

describe('joining', () => {
  it.each([
    ['root does by the files alone', false, []],
    ['a user lets systemd do', true, [['AttachProcessesToUnit', 'nsinit-c.scope', '', [process.pid]]]],
  ] as const)('%s', async (_what, user, calls) => {
    const { systemd, manager } = setUp({}, { user });
    await manager.apply(process.pid);
    const before = systemd.calls.length;
    const placement = await manager.prepare();
    using _directory = placement.directory;
    expect([placement.directory === undefined, placement.mustApply]).toEqual([user, user]);
    await manager.apply(process.pid);
    expect(systemd.calls.slice(before)).toEqual(calls);
  });
});

it('changes properties and files, and takes properties back when a file refuses', async () => {
  const { systemd, manager } = setUp({ resources: { memory: 1_000_000 } });
  await manager.apply(process.pid);
  await manager.set({ memory: 2_000_000 });
  expect(systemd.calls.at(-1)).toEqual([
    'SetUnitProperties',
    'nsinit-c.scope',
    true,
    [['MemoryMax', new BusVariant('t', 2_000_000n)]],
  ]);
  await expect(manager.set({ memory: 3_000_000, memoryReservation: 5 })).rejects.toThrow(
    'memoryReservation: write "5"',
  );
  expect(systemd.calls.at(-1)?.[3]).toEqual([
    ['MemoryMax', new BusVariant('t', 2_000_000n)],
    ['MemoryLow', new BusVariant('t', 0n)],
  ]);
});

it('stops and forgets the scope when it is destroyed', async () => {
  const { systemd, manager, mountPoint } = setUp();
  await manager.apply(process.pid);
  const procs = `${mountPoint}/system.slice/x.scope/cgroup.procs`;
  await expect(manager.destroy({ timeoutMs: 1 })).rejects.toThrow(`${process.pid} (`);
  expect(systemd.units.size).toBe(1);
  writeFileSync(procs, '');
  // Files that stand for those of the kernel keep the directory from being removed.
  await expect(manager.destroy({ timeoutMs: 1 })).rejects.toThrow('failed to remove');
  expect(systemd.calls.map(([member]) => member)).toContain('StopUnit');
  expect(systemd.units.size).toBe(0);
});

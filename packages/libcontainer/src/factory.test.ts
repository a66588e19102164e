import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeState, type State, template } from '@nsinit/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerError } from './errors.ts';
import { createFactory } from './factory.ts';
import { Process } from './process/process.ts';
import { planStart } from './program/start.ts';
import { startTime } from './state/proc.ts';
import { Status, statusName } from './status.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nsinit-factory-'));
});

afterEach(() => rmSync(root, { recursive: true }));

const state = (changes: Partial<State> = {}): State => ({
  id: 'hand_made',
  initProcessPid: 1024,
  initProcessStart: 'never',
  cgroupPaths: {},
  namespacePaths: {},
  config: { rootfs: '/mycontainer/root' },
  created: new Date(0).toISOString(),
  ...changes,
});

function writeState(changes: Partial<State> = {}): void {
  mkdirSync(join(root, 'hand_made'));
  writeFileSync(join(root, 'hand_made/state.json'), encodeState(state(changes)));
}

describe('a factory', () => {
  it('keeps its root and is of a type', async () => {
    const factory = await createFactory(root);
    expect(factory.root).toBe(root);
    expect(factory.type()).toBe('libcontainer');
    expect(factory.initPath).toBe(undefined);
    expect(factory.criuPath).toBe('criu');
  });

  it('makes its root absolute, and makes it', async () => {
    const factory = await createFactory(`${root}/a/../b`);
    expect(factory.root).toBe(`${root}/b`);
    expect(statSync(factory.root).mode & 0o777).toBe(0o700);
  });

  it('needs a root for containers', async () => {
    const factory = await createFactory('');
    await expect(factory.load('some')).rejects.toMatchObject({ code: 'ConfigInvalid', field: 'root' });
    expect(() => factory.startInitialization()).toThrow(ContainerError);
  });

  it('says why its root cannot be made', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(createFactory(join(root, 'file/root'))).rejects.toMatchObject({
      code: 'SystemError',
      errno: 'ENOTDIR',
      path: join(root, 'file/root'),
    });
  });

  it('does not load a container that does not exist', async () => {
    const factory = await createFactory(root);
    await expect(factory.load('nocontainer')).rejects.toMatchObject({
      name: 'ContainerError',
      code: 'ContainerNotExists',
    });
    expect(readdirSync(root)).toEqual([]);
  });

  it('loads a state that was written by hand', async () => {
    writeState();
    const container = await (await createFactory(root)).load('hand_made');
    expect(container.id).toBe('hand_made');
    expect(container.config().rootfs).toBe('/mycontainer/root');
    // No process of that id ever started at that time.
    expect(await container.status()).toBe(Status.Destroyed);
  });

  it('finds the process of a state that is alive', async () => {
    const paths = { NEWNET: '/proc/42/ns/net' };
    writeState({
      initProcessPid: process.pid,
      initProcessStart: startTime(process.pid)!,
      cgroupPaths: { memory: '/sys/fs/cgroup/x' },
      namespacePaths: paths,
    });
    const container = await (await createFactory(root)).load('hand_made');
    expect(await container.status()).toBe(Status.Running);
    expect(await container.state()).toMatchObject({
      initProcessPid: process.pid,
      cgroupPaths: { memory: '/sys/fs/cgroup/x' },
      namespacePaths: paths,
    });
    await expect(container.destroy()).rejects.toMatchObject({ code: 'ContainerNotStopped' });
  });

  it('checks a configuration by the validator that it was given', async () => {
    const seen: string[] = [];
    const validator = {
      validate: ({ rootfs }: { readonly rootfs: string }) => {
        seen.push(rootfs);
        throw new Error('not today');
      },
    };
    const factory = await createFactory(root, { validator });
    await expect(factory.create('x', template({ rootfs: '/' }))).rejects.toMatchObject({
      code: 'SystemError',
      message: expect.stringContaining('not today'),
    });
    expect(seen).toEqual(['/']);
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('a status', () => {
  it('has the number of the original, and a name', () => {
    expect(Object.entries(Status)).toEqual([
      ['Running', 1],
      ['Pausing', 2],
      ['Paused', 3],
      ['Checkpointed', 4],
      ['Destroyed', 5],
    ]);
    for (const [name, number] of Object.entries(Status)) expect(statusName(number)).toBe(name);
  });
});

describe('a plan', () => {
  it('shows every step of a start with its field, and needs no privilege', async () => {
    const config = template({ rootfs: '/srv/root', hostname: 'planned' });
    const steps = await planStart(config, new Process({ args: ['sh'], env: ['PATH=/bin:/usr/bin'] }));
    const fields = new Set(steps.map(({ field }) => field));
    for (const field of [
      'namespaces',
      'rootfs',
      'mounts[0]',
      'mounts[5]',
      'devices[0]',
      'hostname',
      'capabilities',
      'user',
      'args',
      'networks[0]',
    ])
      expect([field, [...fields].some((one) => one?.startsWith(field))]).toEqual([field, true]);
    expect(steps.map(({ index }) => index)).toEqual(steps.map((_, index) => index));
    const tried = steps.filter(({ op, field }) => op === 'execve' && field === 'args').map(({ text }) => text);
    expect(tried[0]).toMatch(/^execve\("\/bin\/sh", \["sh"\], \["PATH=\/bin:\/usr\/bin", "HOME=\/"\]/);
    expect(tried[1]).toMatch(/^execve\("\/usr\/bin\/sh"/);
    expect(steps.find(({ field }) => field === 'hostname')?.text).toMatch(/sethostname\("planned"/);
  });

  it('has no supervisor when none is wanted', async () => {
    const config = template({ rootfs: '/srv/root' });
    const process = new Process({ args: ['/bin/sh'], env: [] });
    const waits = async (supervisor: boolean) =>
      (await planStart(config, process, { supervisor })).filter(({ op }) => op === 'waitid').length;
    expect(await waits(true)).toBeGreaterThan(0);
    expect(await waits(false)).toBe(0);
  });
});

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeState, encodeState } from '@nsinit/config';
import { readMountinfo } from '@nsinit/mount';
import { invoke } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { createFactory } from './factory.ts';
import { startTime } from './state/proc.ts';
import { Status } from './status.ts';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

describe('the state of a container', () => {
  it('says who its first process is and where its namespaces are', async () => {
    await box().using(box().configWithout('NEWIPC'), async (container) => {
      const { process } = await start(container, ['sleep', '100']);
      const state = await container.state();
      expect(state).toMatchObject({
        id: container.id,
        initProcessPid: process.pid(),
        initProcessStart: startTime(process.pid()),
      });
      expect(state.externalDescriptors).toHaveLength(3);
      const links = (pid: number | 'self', kind: string) => readlinkSync(`/proc/${pid}/ns/${kind}`);
      // The host's own where it has none of its own.
      expect(readlinkSync(state.namespacePaths['NEWIPC']!)).toBe(links('self', 'ipc'));
      expect(readlinkSync(state.namespacePaths['NEWNET']!)).toBe(links(process.pid(), 'net'));
      expect(Object.keys(state.namespacePaths).sort()).toContain('NEWUSER');
      const file = readFileSync(join(box().state, container.id, 'state.json'), 'utf8');
      expect(decodeState(file)).toEqual(state);
      expect(statSync(join(box().state, container.id, 'state.json')).mode & 0o777).toBe(0o600);
    });
  });

  it('is found by its id, by others too', async () => {
    await box().using(box().config(), async (container) => {
      const { process, result } = await start(container, ['sleep', '100']);
      const other = await (await box().factory()).load(container.id);
      expect(await other.status()).toBe(Status.Running);
      expect((await other.state()).initProcessPid).toBe(process.pid());
      expect(other.config()).toEqual(container.config());
      expect((await exec(other, ['hostname'])).stdout).toBe('integration\n');
      process.signal('SIGTERM');
      process.signal('SIGKILL');
      await result;
      expect(await other.status()).toBe(Status.Destroyed);
      expect(await other.exitStatus()).toMatchObject({ signal: 'SIGKILL' });
      expect(await failure(other.state())).toMatchObject({ code: 'ContainerNotExists' });
      expect(await failure(other.processes())).toMatchObject({ code: 'ContainerNotExists' });
    });
  });

  it('is Destroyed before the first process and after its end, and it can be started again', async () => {
    await box().using(box().config(), async (container) => {
      expect(await container.status()).toBe(Status.Destroyed);
      for (const code of [3, 4]) {
        expect((await exec(container, ['sh', '-c', `exit ${code}`])).status).toBe(code);
        expect(await container.status()).toBe(Status.Destroyed);
        expect(await container.exitStatus()).toMatchObject({ exitCode: code });
      }
    });
  });

  it('does not take another process with its id for its own', async () => {
    await box().using(box().config(), async (container) => {
      await exec(container, ['true']);
      const path = join(box().state, container.id, 'state.json');
      const state = decodeState(readFileSync(path, 'utf8'));
      // This process is alive, and started at another time.
      writeFileSync(path, encodeState({ ...state, initProcessPid: process.pid, initProcessStart: '1' }));
      const loaded = await (await box().factory()).load(container.id);
      expect(await loaded.status()).toBe(Status.Destroyed);
      await loaded.destroy({ force: true });
    });
  });

  it('is refused when it is damaged', async () => {
    const { id } = await box().create();
    const path = join(box().state, id, 'state.json');
    writeFileSync(path, '{"id": 3');
    const error = await failure((await box().factory()).load(id));
    expect(error).toMatchObject({ code: 'SystemError', path });
    expect(error.hint).toContain('remove the directory');
    rmSync(join(box().state, id), { recursive: true });
  });

  it('may have been left half made by a process that was killed', async () => {
    const dir = join(box().state, 'half');
    const temporary = join(dir, `state.json.${process.pid}.tmp`);
    const leave = () => {
      mkdirSync(dir);
      writeFileSync(temporary, '{"id');
    };
    leave();
    // The id is free, and nothing is in the way.
    await (await box().create(box().config(), 'half')).destroy();
    expect(existsSync(dir)).toBe(false);
    leave();
    expect(await failure((await box().factory()).load('half'))).toMatchObject({ code: 'ContainerNotExists' });
    expect(existsSync(dir)).toBe(false);
  });

  it('is taken by one of many who want its id at once', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => box().create(box().config(), 'wanted')));
    const made = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const codes = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []));
    expect(made).toHaveLength(1);
    expect(codes).toEqual(Array(19).fill('IdInUse'));
    await made[0]!.destroy();
  });
});

describe('an id', () => {
  it('belongs to one container until it is destroyed', async () => {
    const container = await box().create(box().config(), 'taken');
    const error = await failure(box().create(box().config(), 'taken'));
    expect(error).toMatchObject({ code: 'IdInUse', path: join(box().state, 'taken') });
    expect(error.message).toContain('taken');
    await container.destroy();
    await (await box().create(box().config(), 'taken')).destroy();
  });

  it.for(['', '..', '../up', 'a/b', 'a-b', 'a b', 'a\0', 'x'.repeat(1025), '\u00e4'])(
    '%j is refused, when made and when loaded',
    async (id) => {
      expect(await failure(box().create(box().config(), id))).toMatchObject({ code: 'InvalidIdFormat' });
      expect(await failure((await box().factory()).load(id))).toMatchObject({ code: 'InvalidIdFormat' });
    },
  );

  it('of nobody is not loaded', async () => {
    expect(await failure((await box().factory()).load('nobody'))).toMatchObject({ code: 'ContainerNotExists' });
  });
});

describe('destroying', () => {
  it('refuses a container that runs, unless forced', async () => {
    const container = await box().create();
    const { result } = await start(container, ['sh', '-c', 'sleep 100 & sleep 100 & wait']);
    await start(container, ['sleep', '100']);
    expect(await failure(container.destroy())).toMatchObject({ code: 'ContainerNotStopped' });
    expect(await container.status()).toBe(Status.Running);
    await container.destroy({ force: true });
    expect((await result).status).toBe(-9);
    await container.destroy();
  });

  it('ends every descendant of a container that shares the host\u2019s processes', async () => {
    const container = await box().create(box().configWithout('NEWPID'));
    const { stdout } = await start(container, ['sh', '-c', 'sleep 100 & (sleep 100 & wait) & echo started; wait']);
    await stdout.until(/started/);
    await container.destroy({ force: true });
  });

  it('is fine the second time, and for a container that never ran', async () => {
    const container = await box().create();
    await container.destroy();
    await container.destroy();
    expect(await failure(exec(container, ['true']))).toMatchObject({ code: 'ContainerNotExists' });
  });
});

describe('a factory', () => {
  it('makes its root directory for its owner alone', async () => {
    const root = join(box().dir, 'other/deep');
    const factory = await createFactory(root);
    expect(factory.type()).toBe('libcontainer');
    expect(factory.root).toBe(root);
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  it('mounts a tmpfs there once, when asked to', async () => {
    const root = join(box().dir, 'volatile');
    mkdirSync(root);
    await createFactory(root, { tmpfsRoot: true });
    await createFactory(root, { tmpfsRoot: true });
    try {
      const mounts = readMountinfo('self').filter(({ mountPoint }) => mountPoint === root);
      expect(mounts.map(({ fsType, source }) => [fsType, source])).toEqual([['tmpfs', 'tmpfs']]);
    } finally {
      invoke('umount2', { target: root, flags: [] });
    }
  });

  it('leaves nothing of a container whose configuration it refuses', async () => {
    const config = box().config({ rootfs: join(box().dir, 'absent') });
    expect(await failure(box().create(config))).toMatchObject({ code: 'ConfigInvalid', field: 'rootfs' });
    expect(readdirSync(box().state)).toEqual([]);
  });
});

import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroup } from '@nsinit/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Status } from './status.ts';
import { Agent, bundle } from './testing/bundle.ts';
import { exec, inUserNamespace, start, useSandbox } from './testing/sandbox.ts';

// The event loop opens its inotify descriptor at the first watch and keeps it.
watch('/proc/self').close();

const box = useSandbox();
let library: string;
beforeAll(async () => {
  library = await bundle(box());
});

const parent = `nsinit-churn-${process.pid}`;
const config = (cgroups: Cgroup = {}) => box().config({ cgroups: { parent, allowAllDevices: true, ...cgroups } });

/** The directories of all groups below the parent of these tests, in every hierarchy. */
function groups(): readonly string[] {
  return hierarchies()
    .map((mount) => join(mount, parent))
    .filter((dir) => existsSync(dir))
    .flatMap((dir) =>
      readdirSync(dir, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(dir, name)),
    );
}

const hierarchies = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4]!);

afterAll(() => expect(groups()).toEqual([]));

describe('nothing is left', () => {
  // The second run repeats what may be different in a user namespace, and less of it.
  const [lives, starters] = inUserNamespace ? [100, 10] : [1000, 100];

  it(`of ${lives} lives`, { timeout: 300_000 }, async () => {
    let begun = 0;
    const worker = async () => {
      while (begun++ < lives) {
        const { status } = await box().runContainer(config({ memory: 64 << 20 }), ['true']);
        expect(status).toBe(0);
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
    expect(groups()).toEqual([]);
  });

  it(`of ${starters} starters that were killed at any moment`, { timeout: 300_000 }, async () => {
    const script = `
      const { config } = input;
      say('ready');
      for (let life = 0; ; life += 1) {
        const container = await factory.create(input.id + '_' + life, config);
        await container.start(new lib.Process({ args: ['sleep', '1000'], env }));
        await container.destroy({ force: true });
      }
    `;
    const kill = async (index: number) => {
      const agent = new Agent(script, {
        sandbox: box(),
        library,
        input: { id: `killed_${index}`, config: config({ memory: 64 << 20 }) },
      });
      expect(await agent.hear()).toBe('ready');
      // A life takes some 15 ms: the first is in it, and later ones.
      await delay((index * 7.3) % 60);
      await agent.kill();
      expect(agent.stderr).toBe('');
    };
    for (let index = 0; index < starters; index += 2) await Promise.all([kill(index), kill(index + 1)]);
    const factory = await box().factory();
    for (const id of readdirSync(box().state)) {
      const container = await factory.load(id).catch((error: { code: string }) => {
        // Killed before there was a container: loading has swept it away.
        expect(error.code).toBe('ContainerNotExists');
      });
      await container?.destroy({ force: true });
    }
    expect(groups()).toEqual([]);
  });
});

describe('a process that pauses a container and is killed at any step', () => {
  // Dies before the n-th call that touches a file: the freezer, the lock and the state are files.
  const script = `
    const { default: fs } = await import('node:fs');
    const { syncBuiltinESMExports } = await import('node:module');
    const container = await factory.load(input.id);
    let calls = 0;
    for (const name of Object.keys(fs).filter((key) => key.endsWith('Sync'))) {
      const real = fs[name];
      fs[name] = (...args) => {
        if (calls++ === input.step) process.kill(process.pid, 'SIGKILL');
        return real(...args);
      };
    }
    syncBuiltinESMExports();
    await container.pause();
    calls = -1e9;
    say('paused');
  `;

  /** Pauses a fresh container by a process that dies at a step; whether it got to the end instead. */
  async function pausedBy(step: number, body: (id: string) => Promise<void>): Promise<boolean> {
    const container = await box().create(config());
    try {
      await start(container, ['sleep', '1000']);
      const agent = new Agent(script, { sandbox: box(), library, input: { id: container.id, step } });
      const end = await agent.ended;
      expect([agent.stderr, end === 0 || end === 'SIGKILL']).toEqual(['', true]);
      await body(container.id);
      return end === 0;
    } finally {
      await container.destroy({ force: true });
    }
  }

  it.each([
    [
      'leaves one that can be resumed and joined',
      async (id: string) => {
        const container = await (await box().factory()).load(id);
        expect([Status.Running, Status.Paused]).toContain(await container.status());
        await container.resume();
        expect(await exec(container, ['true'])).toMatchObject({ status: 0 });
      },
    ],
    [
      'leaves one that can be destroyed',
      async (id: string) => {
        const container = await (await box().factory()).load(id);
        await container.destroy({ force: true });
      },
    ],
  ])('%s', { timeout: 300_000 }, async (_what, body) => {
    let step = 0;
    while (!(await pausedBy(step, body))) step += 1;
    // The lock, the look at the state and the write at the least.
    expect(step).toBeGreaterThan(3);
  });
});

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Agent, bundle } from '../testing/bundle.ts';
import { Checkpointed, counter, eventually } from '../testing/checkpointed.ts';
import { testCriu } from '../testing/criu.ts';
import { exec, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();
let library: string;
beforeAll(async () => {
  library = await bundle(sandbox());
});
beforeEach(() => rmSync(join(sandbox().rootfs, 'tmp/count'), { force: true }));

/** Another process that begins an operation, says each of its steps, and stands still at one of them for ever. */
function agent(operation: string, input: Readonly<Record<string, unknown>>): Agent {
  const script = `
    const own = await lib.createFactory(factory.root, { criuPath: input.criu });
    const container = await own.load(input.id);
    const onStep = (step) => {
      say(step);
      if (step === input.stop) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    };
    const options = { imagesDirectory: input.imagesDirectory, onStep };
    ${operation}
    say('done');
  `;
  return new Agent(script, { sandbox: sandbox(), library, input: { criu: testCriu(), ...input } });
}

async function heard(one: Agent, step: string): Promise<void> {
  while ((await one.hear()) !== step);
}

describe('whoever checkpoints a container may be killed', () => {
  it.each(['pre-dump', 'post-dump'])('at %s: it runs on', async (stop) => {
    await using scene = await Checkpointed.create(sandbox());
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const { id } = scene.container;
    const other = agent('await container.checkpoint(options);', { id, stop, imagesDirectory: scene.images() });
    await heard(other, stop);
    await other.kill();
    const seen = scene.count();
    await eventually(() => expect(scene.count()).toBeGreaterThan(seen));
    expect(await scene.container.status()).toBe(Status.Running);
    await scene.container.destroy({ force: true });
  });
});

describe('whoever restores a container may be killed', () => {
  it.each(['pre-restore', 'setup-namespaces', 'post-restore'])('at %s: it stays checkpointed', async (stop) => {
    await using scene = await Checkpointed.create(sandbox());
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const { imagesDirectory } = await scene.save();
    const stopped = scene.count();
    const { id } = scene.container;
    const restore = 'await container.restore(new lib.Process({ args: [] }), options);';
    const other = agent(restore, { id, stop, imagesDirectory });
    await heard(other, stop);
    await other.kill();
    await eventually(async () => expect(await scene.container.status()).toBe(Status.Checkpointed));
    expect(scene.count()).toBe(stopped);
    await eventually(() => scene.restore(imagesDirectory));
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
  });

  it('afterwards: the container lives on, and its end is known', async () => {
    await using scene = await Checkpointed.create(sandbox());
    await scene.run(['sh', '-c', `trap 'exit 23' TERM; ${counter}`]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const { imagesDirectory } = await scene.save();
    const stopped = scene.count();
    const restore = 'await container.restore(new lib.Process({ args: [] }), options); setInterval(() => {}, 1000);';
    const other = agent(restore, { id: scene.container.id, imagesDirectory });
    await heard(other, 'done');
    await other.kill();
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    const { container } = scene;
    expect(await container.status()).toBe(Status.Running);
    await exec(container, ['kill', '-TERM', '1']);
    await eventually(async () => expect(await container.exitStatus()).toMatchObject({ exitCode: 23 }));
    expect(await container.status()).toBe(Status.Destroyed);
  });
});

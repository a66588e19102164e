import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Process } from '../process/process.ts';
import { Status } from '../status.ts';
import { Capture } from '../testing/capture.ts';
import { testCriu } from '../testing/criu.ts';
import { environment, start, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();
const criuPath = testCriu();

describe('a container that is checkpointed and restored', () => {
  it('goes on with the pipes that it is given', async () => {
    const factory = await sandbox().factory({ criuPath });
    const id = sandbox().nextId();
    const container = await factory.create(id, sandbox().config());
    const first = await start(container, ['cat'], { process: { stdin: new PassThrough() } });
    expect(await container.status()).toBe(Status.Running);

    const { imagesDirectory, statistics } = await container.checkpoint();
    expect(statistics!.pagesWritten).toBeGreaterThan(0n);
    expect(await container.status()).toBe(Status.Checkpointed);
    expect((await first.result).status).toBe(-9);

    const loaded = await factory.load(id);
    expect(await loaded.status()).toBe(Status.Checkpointed);
    const stdin = new PassThrough();
    const stdout = new Capture();
    const process = new Process({ args: [], env: environment, stdin, stdout });
    await loaded.restore(process, { imagesDirectory });
    expect(await loaded.status()).toBe(Status.Running);
    expect(await container.status()).toBe(Status.Running);
    stdin.end('Hello!');
    expect(await process.wait()).toMatchObject({ exitCode: 0 });
    expect(stdout.text()).toBe('Hello!');
    expect(await loaded.status()).toBe(Status.Destroyed);
    await loaded.destroy();
  });
});

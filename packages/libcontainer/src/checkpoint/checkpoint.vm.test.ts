import { execFileSync } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Checkpointed, eventually } from '../testing/checkpointed.ts';
import { compile, memorySource } from '../testing/compile.ts';
import { useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();

// What criu looks at; nobody loads it here by himself.
beforeAll(() => void execFileSync('modprobe', ['-a', 'tun', 'veth', 'bridge', 'nf_tables']));

/** The one of this Debian, on its own kernel. */
const criu = '/usr/sbin/criu';

describe("Debian 12's criu on its own kernel", () => {
  it('is older than the one that the other tests use', () => {
    expect(execFileSync(criu, ['--version'], { encoding: 'utf8' })).toMatch(/^Version: 3\.17/);
  });

  it('lets a container go on with the pipes that it is given, in a control group of version 2', async () => {
    const config = sandbox().config({ cgroups: { parent: 'nsinit', pidsLimit: 50, allowAllDevices: true } });
    await using scene = await Checkpointed.create(sandbox(), config, criu);
    const first = await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    const { imagesDirectory, statistics } = await scene.save();
    expect(statistics!.pagesWritten).toBeGreaterThan(0n);
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    expect((await first.result).status).toBe(-9);
    const stdin = new PassThrough();
    const again = await scene.restore(imagesDirectory, { process: { stdin } });
    expect((await scene.container.stats()).cgroupStats.pids?.current).toBe(1n);
    stdin.end('Hello!');
    expect(await again.result).toMatchObject({ status: 0, stdout: 'Hello!' });
  });

  it('leaves less to the last one of a chain of three', async () => {
    compile(sandbox(), 'memory', memorySource);
    await using scene = await Checkpointed.create(sandbox(), sandbox().config(), criu);
    await scene.run(['memory']);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const one = await scene.save({ preDump: true, imagesDirectory: scene.images('one') });
    const two = await scene.save({ preDump: true, imagesDirectory: scene.images('two'), parentPath: '../one' });
    expect(await scene.container.status()).toBe(Status.Running);
    const three = await scene.save({ imagesDirectory: scene.images('three'), parentPath: '../two' });
    expect(one.statistics!.bytesWritten).toBeGreaterThan(16n << 20n);
    expect(two.statistics!.bytesWritten).toBeLessThan(one.statistics!.bytesWritten / 4n);
    expect(three.statistics!.bytesWritten).toBeLessThan(one.statistics!.bytesWritten / 4n);
    expect(three.statistics!.pagesSkippedParent).toBeGreaterThan(0n);
    const stopped = scene.count();
    await scene.restore(scene.images('three'));
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
  });
});

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { processesOf } from '../processes.ts';
import { Status } from '../status.ts';
import { Checkpointed, counter, eventually } from '../testing/checkpointed.ts';
import { failure, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();

const cgroups = { parent: 'nsinit', pidsLimit: 50, allowAllDevices: true } as const;
/** criu writes the place of the first process in any case; of groups that it saves their files too, of either version. */
const isSaved = (images: string) =>
  ['pids.max', 'cgroup.subtree_control'].some((name) => readFileSync(join(images, 'cgroup.img')).includes(name));
const placesOf = async ({ container }: Checkpointed) =>
  processesOf((await container.state()).initProcessPid).map((pid) => readFileSync(`/proc/${pid}/cgroup`, 'utf8'));

describe('control groups of a checkpointed container', () => {
  it('are made by the restore when all processes are in the one group', async () => {
    await using scene = await Checkpointed.create(sandbox(), sandbox().config({ cgroups }));
    await scene.run(['sh', '-c', `sleep 1000 & ${counter}`]);
    await eventually(async () => expect((await placesOf(scene)).length).toBeGreaterThan(1));
    const before = await placesOf(scene);
    const { imagesDirectory } = await scene.save();
    expect(isSaved(imagesDirectory)).toBe(false);
    // Nobody can ask for more than there is.
    await scene.restore(imagesDirectory, { manageCgroupsMode: 'soft' });
    const after = await placesOf(scene);
    expect(after.length).toBeGreaterThan(1);
    for (const place of after) expect(place).toBe(before[0]);
    expect((await scene.container.stats()).cgroupStats.pids?.limit).toBe(50n);
  });

  it('that it has made below its own are saved, and made again, by criu', async () => {
    await using scene = await Checkpointed.create(sandbox(), sandbox().config({ cgroups }));
    await scene.run(['sh', '-c', `sleep 1000 & ${counter}`]);
    const { initProcessPid, cgroupPaths } = await scene.container.state();
    const sleeper = () =>
      processesOf(initProcessPid).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
    await eventually(() => expect(sleeper()).toBeDefined());
    const below = join(cgroupPaths['pids'] ?? cgroupPaths['']!, 'below');
    mkdirSync(below);
    writeFileSync(join(below, 'cgroup.procs'), `${sleeper()}`);
    const { imagesDirectory } = await scene.save();
    expect(isSaved(imagesDirectory)).toBe(true);
    await scene.restore(imagesDirectory);
    expect((await placesOf(scene)).filter((place) => place.includes('/below\n'))).toHaveLength(1);
  });

  it('are left alone when the caller says so', async () => {
    await using scene = await Checkpointed.create(sandbox(), sandbox().config({ cgroups }));
    await scene.run(['sleep', '1000']);
    const { imagesDirectory } = await scene.save({ manageCgroupsMode: 'soft' });
    expect(isSaved(imagesDirectory)).toBe(true);
    await scene.restore(imagesDirectory, { manageCgroupsMode: 'ignore' });
    const { cgroupPaths } = await scene.container.state();
    for (const path of Object.values(cgroupPaths))
      expect(readFileSync(join(path, 'cgroup.procs'), 'utf8').trim()).not.toBe('');
  });

  it('are refused where the process cannot be put into them, and nothing of it is left', async () => {
    await using scene = await Checkpointed.create(sandbox(), sandbox().config({ cgroups }));
    await scene.run(['sleep', '1000']);
    const { imagesDirectory } = await scene.save();
    const full = await scene.another(sandbox().config({ cgroups: { ...cgroups, cpusetCpus: '4095' } }));
    expect(await failure(scene.restore(imagesDirectory, { into: full }))).toMatchObject({ code: 'SystemError' });
    expect(await full.status()).toBe(Status.Destroyed);
    await scene.restore(imagesDirectory);
    expect((await placesOf(scene)).length).toBe(1);
  });
});

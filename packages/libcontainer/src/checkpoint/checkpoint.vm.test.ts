import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { loadProfiles, profileOf, unloadProfiles } from '@nsinit/lsm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Checkpointed, counter, eventually } from '../testing/checkpointed.ts';
import { compile, memorySource } from '../testing/compile.ts';
import { failure, useSandbox } from '../testing/sandbox.ts';

// The event loop opens its inotify descriptor at the first watch and keeps it.
watch('/proc/self').close();

const sandbox = useSandbox();

// What criu looks at; nobody loads it here by himself.
beforeAll(() => void execFileSync('modprobe', ['-a', 'tun', 'veth', 'bridge', 'nf_tables']));

/** The one of this Debian, on its own kernel. */
const criu = '/usr/sbin/criu';

/** What the pages in a directory have on the disk: a hole has nothing. */
const room = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.startsWith('pages-'))
    .reduce((sum, name) => sum + statSync(join(directory, name)).blocks * 512, 0);

function properties(unit: string, ...names: readonly string[]): Readonly<Record<string, string>> {
  const text = execFileSync('systemctl', ['show', unit, ...names.map((name) => `--property=${name}`)]).toString();
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s) as [string, string]),
  );
}

describe("Debian 12's criu on its own kernel", () => {
  it('is older than the one that the other tests use', () => {
    expect(execFileSync(criu, ['--version'], { encoding: 'utf8' })).toMatch(/^Version: 3\.17/);
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

  it('takes from the parent images what it writes again', async () => {
    compile(sandbox(), 'memory', memorySource);
    await using scene = await Checkpointed.create(sandbox(), sandbox().config(), criu);
    await scene.run(['memory']);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const parent = scene.images('parent');
    await scene.save({ preDump: true, imagesDirectory: parent });
    const whole = room(parent);
    const seen = scene.count();
    await eventually(() => expect(scene.count()).toBeGreaterThan(seen));
    await scene.save({ leaveRunning: true, imagesDirectory: scene.images('plain'), parentPath: '../parent' });
    expect(room(parent)).toBe(whole);
    const images = scene.images('last');
    await scene.save({ imagesDirectory: images, parentPath: '../parent', autoDedup: true });
    expect(room(parent)).toBeLessThan(whole);
    const stopped = scene.count();
    await scene.restore(images);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
  });

  it('is in the scope that systemd made for it before, with its limits', async () => {
    const config = sandbox().config({ cgroups: { parent: 'nsinit', pidsLimit: 50, allowAllDevices: true } });
    await using scene = await Checkpointed.create(sandbox(), config, criu, { cgroupDriver: 'systemd' });
    const scope = `nsinit-${scene.container.id}.scope`;
    const shown = () => ({
      ...properties(scope, 'ActiveState', 'TasksMax', 'Delegate'),
      limit: readFileSync(join(group, 'pids.max'), 'utf8').trim(),
      frozen: readFileSync(join(group, 'cgroup.freeze'), 'utf8').trim(),
    });
    const placeOf = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim();
    const first = await scene.run(['sh', '-c', counter]);
    const group = (await scene.container.state()).cgroupPaths['']!;
    expect(basename(group)).toBe(scope);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const before = { place: placeOf(first.process.pid()), ...shown() };
    expect(before).toMatchObject({ ActiveState: 'active', TasksMax: '50', Delegate: 'yes', limit: '50', frozen: '0' });

    await scene.container.pause();
    const { imagesDirectory } = await scene.save();
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    await eventually(() => expect(properties(scope, 'ActiveState')).toEqual({ ActiveState: 'inactive' }));
    const stopped = scene.count();
    const again = await scene.restore(imagesDirectory);
    expect({ place: placeOf(again.process.pid()), ...shown() }).toEqual(before);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    await scene.container.pause();
    expect(shown()).toEqual({ ...shown(), frozen: '1' });
    await scene.container.resume();
    expect((await scene.container.stats()).cgroupStats.pids?.limit).toBe(50n);
    await scene.container.destroy({ force: true });
    const left = () => execFileSync('systemctl', ['list-units', '--all', '--plain', '--no-legend', scope]).toString();
    await eventually(() => expect(left()).toBe(''));
    expect(existsSync(group)).toBe(false);
  });
});

describe('lsmProfile', () => {
  const names = ['nsinit-vm-first', 'nsinit-vm-second'] as const;
  const text = names
    .map(
      (name) => `profile ${name} flags=(attach_disconnected,mediate_deleted) {
  file, capability, network, mount, umount, signal, ptrace, unix,
}
`,
    )
    .join('');
  beforeAll(() => loadProfiles(text));
  afterAll(() => unloadProfiles(text));

  it('confines what is restored by another AppArmor profile, which is its own again without', async () => {
    const config = sandbox().config({ apparmorProfile: names[0] });
    await using scene = await Checkpointed.create(sandbox(), config, criu);
    const first = await scene.run(['sleep', '1000']);
    expect(profileOf(first.process.pid())).toMatchObject({ name: names[0] });
    const { imagesDirectory } = await scene.save();
    const same = await scene.restore(imagesDirectory);
    expect(profileOf(same.process.pid())).toMatchObject({ name: names[0] });
    same.process.signal('SIGKILL');
    await same.result;
    const other = await scene.restore(imagesDirectory, { lsmProfile: `apparmor:${names[1]}` });
    expect(profileOf(other.process.pid())).toMatchObject({ name: names[1] });
    other.process.signal('SIGKILL');
    await other.result;
    expect(await failure(scene.restore(imagesDirectory, { lsmProfile: 'apparmor:nsinit-vm-absent' }))).toMatchObject({
      step: 'restore',
    });
  });
});

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@nsinit/config';
import { NetworkNamespace } from '@nsinit/netlink';
import { beforeEach, describe, expect, it } from 'vitest';
import { childrenOf } from '../state/proc.ts';
import { Status } from '../status.ts';
import { Checkpointed, counter, eventually } from '../testing/checkpointed.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';

const sandbox = useSandbox();
beforeEach(() => rmSync(join(sandbox().rootfs, 'tmp/count'), { force: true }));

const withGroup = (): Config =>
  sandbox().config({ cgroups: { parent: `nsinit-test-faults-${process.pid}`, allowAllDevices: true } });

/** A container that counts. */
async function counting(config = withGroup()): Promise<Checkpointed> {
  const scene = await Checkpointed.create(sandbox(), config);
  await scene.run(['sh', '-c', counter]);
  await eventually(() => expect(scene.count()).toBeGreaterThan(1));
  return scene;
}

async function countsOn(scene: Checkpointed): Promise<void> {
  expect(await scene.container.status()).toBe(Status.Running);
  const seen = scene.count();
  await eventually(() => expect(scene.count()).toBeGreaterThan(seen));
  expect((await exec(scene.container, ['true'])).status).toBe(0);
}

/** Kills every criu that this process, or a supervisor of its, has started. */
function killCriu(): void {
  const below = (pid: number): readonly number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)]);
  const found = below(process.pid).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0swrk\0');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  });
  expect(found).not.toEqual([]);
  for (const pid of found) process.kill(pid, 'SIGKILL');
}

/** A small file system in the sandbox, for as long as the body takes. */
async function onTmpfs(options: string, body: (dir: string) => Promise<void>): Promise<void> {
  const dir = join(sandbox().dir, 'small');
  mkdirSync(dir);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'small', dir]);
  try {
    await body(dir);
  } finally {
    execFileSync('umount', [dir]);
    rmSync(dir, { recursive: true });
  }
}

describe('a checkpoint leaves the container running', () => {
  it.each(['pre-dump', 'network-lock', 'network-unlock', 'post-dump'])('when criu is killed at %s', async (step) => {
    await using scene = await counting();
    const seen: string[] = [];
    const onStep = (now: string): void => {
      seen.push(now);
      if (now === step) killCriu();
    };
    // The lock is what there is to be told of.
    const error = await failure(scene.save({ onStep, networkLock: 'nftables', leaveRunning: true }));
    expect([seen.at(-1), error.code]).toEqual([step, 'SystemError']);
    await countsOn(scene);
    // Packets are let through.
    expect(await exec(scene.container, ['ping', '-c', '1', '-W', '5', '127.0.0.1'])).toMatchObject({ status: 0 });
    await scene.save();
    expect(await scene.container.status()).toBe(Status.Checkpointed);
  });

  it('when there is no room for the images', async () => {
    await using scene = await counting();
    await onTmpfs('size=96k', async (dir) => {
      const error = await failure(scene.save({ imagesDirectory: join(dir, 'images') }));
      // Which of the images is the first that does not fit, and what criu says then, is not always the same.
      expect(error).toMatchObject({
        code: 'SystemError',
        step: 'checkpoint',
        path: expect.stringMatching(/dump\.log$/),
      });
      await countsOn(scene);
    });
  });

  it('when nothing can be written there', async () => {
    await using scene = await counting();
    await onTmpfs('ro', async (dir) => {
      expect(await failure(scene.save({ imagesDirectory: dir }))).toMatchObject({
        code: 'SystemError',
        message: expect.stringMatching(/read-only/i),
      });
      expect(await failure(scene.save({ imagesDirectory: join(dir, 'images') }))).toMatchObject({
        errno: 'EROFS',
        path: join(dir, 'images'),
      });
      await countsOn(scene);
    });
  });
});

describe('images in the root file system of their container', () => {
  it('are images as others', async () => {
    await using scene = await counting();
    const imagesDirectory = join(sandbox().rootfs, 'images');
    await scene.save({ imagesDirectory });
    const stopped = scene.count();
    await scene.restore(imagesDirectory);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    await scene.container.destroy({ force: true });
    rmSync(imagesDirectory, { recursive: true });
  });
});

describe('a restore that fails leaves the images and nothing else', () => {
  /** Names and sizes. */
  const listed = (dir: string) => readdirSync(dir).map((name) => [name, statSync(join(dir, name)).size]);

  /** Those that are there. */
  const groupsOf = ({ container }: Checkpointed) =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => / - cgroup2? /.test(line))
      .map((line) => join(line.split(' ')[4]!, `nsinit-test-faults-${process.pid}`, container.id))
      .filter((path) => existsSync(path));

  async function fails(scene: Checkpointed, images: string, expected: object, onStep?: (step: string) => void) {
    const before = listed(images);
    const groups = groupsOf(scene);
    const error = await failure(scene.restore(images, onStep ? { onStep } : {}));
    expect(error).toMatchObject({ step: expect.any(String), ...expected });
    expect(listed(images)).toEqual(before);
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    expect(groupsOf(scene).filter((path) => !groups.includes(path))).toEqual([]);
  }

  async function goesOn(scene: Checkpointed, images: string): Promise<void> {
    const stopped = scene.count();
    await scene.restore(images);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
  }

  it.each(['pre-restore', 'setup-namespaces', 'post-setup-namespaces', 'post-restore', 'network-unlock', 'pre-resume'])(
    'when criu is killed at %s',
    async (step) => {
      await using scene = await counting();
      const { imagesDirectory } = await scene.save();
      const seen: string[] = [];
      await fails(scene, imagesDirectory, { code: 'SystemError' }, (now) => {
        seen.push(now);
        if (now === step) killCriu();
      });
      expect(seen.at(-1)).toBe(step);
      await goesOn(scene, imagesDirectory);
    },
  );

  it('when it is aborted while a process that is made stands still', async () => {
    await using scene = await counting();
    const { imagesDirectory } = await scene.save();
    const controller = new AbortController();
    const before = new Set(childrenOf(process.pid));
    const stop = (): void => {
      // The first of those that criu makes, which is its brother.
      for (const supervisor of childrenOf(process.pid).filter((pid) => !before.has(pid)))
        for (const pid of childrenOf(supervisor))
          if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('nsexec')) process.kill(pid, 'SIGSTOP');
    };
    const onStep = (step: string): void => {
      if (step !== 'post-setup-namespaces') return;
      stop();
      controller.abort();
    };
    const error = await failure(scene.restore(imagesDirectory, { signal: controller.signal, onStep }));
    expect(error).toMatchObject({ step: 'restore', message: expect.stringContaining('aborted') });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    await goesOn(scene, imagesDirectory);
  });

  it.each<readonly [string, RegExp, (images: string) => void]>([
    ['an image is missing', /not whole: .*pstree.img is missing/, (images) => rmSync(join(images, 'pstree.img'))],
    ['memory is cut off', /pages-1.img has 4096 bytes/, (images) => truncateSync(join(images, 'pages-1.img'), 4096)],
    [
      'an image has other content',
      /doesn't match/,
      (images) => {
        const path = join(images, 'files.img');
        writeFileSync(path, Buffer.alloc(statSync(path).size));
      },
    ],
    [
      'an image is of another architecture',
      /march mismatch/,
      (images) => {
        // Behind two magic numbers and a length, the first field says which one it is: 1 is x86-64, 3 arm64.
        const core = readFileSync(join(images, 'core-1.img'));
        expect([core[12], [1, 3].includes(core[13]!)]).toEqual([8, true]);
        core[13] = 4 - core[13]!;
        writeFileSync(join(images, 'core-1.img'), core);
      },
    ],
    [
      'what is beside the images is broken',
      /cannot read .*external.json/,
      (images) => {
        writeFileSync(join(images, 'external.json'), '{');
        rmSync(join(images, 'sizes.json'));
      },
    ],
  ])('when %s', async (_name, message, harm) => {
    await using scene = await counting();
    const { imagesDirectory } = await scene.save();
    const harmed = scene.images();
    cpSync(imagesDirectory, harmed, { recursive: true });
    harm(harmed);
    await fails(scene, harmed, { code: 'SystemError', message: expect.stringMatching(message) });
    await goesOn(scene, imagesDirectory);
  });

  it('when the root file system is not there', async () => {
    await using scene = await counting();
    const { imagesDirectory } = await scene.save();
    const { rootfs } = sandbox();
    renameSync(rootfs, `${rootfs}.away`);
    try {
      await fails(scene, imagesDirectory, { errno: 'ENOENT', field: 'rootfs', path: rootfs });
    } finally {
      renameSync(`${rootfs}.away`, rootfs);
    }
    await goesOn(scene, imagesDirectory);
  });

  it('when the root file system is another one', async () => {
    await using scene = await counting();
    const { imagesDirectory } = await scene.save();
    const busybox = join(sandbox().rootfs, 'bin/busybox');
    const text = readFileSync(busybox);
    writeFileSync(busybox, Buffer.concat([text, Buffer.alloc(4096)]));
    try {
      await fails(scene, imagesDirectory, { message: expect.stringContaining('bin/busybox has bad size') });
    } finally {
      writeFileSync(busybox, text);
    }
    await goesOn(scene, imagesDirectory);
  });

  it('when the source of a bind mount is not there', async () => {
    const source = join(sandbox().dir, 'bound');
    mkdirSync(source);
    const base = withGroup();
    await using scene = await counting({
      ...base,
      mounts: [...base.mounts!, { device: 'bind', source, destination: '/mnt', flags: 0x1000 }],
    });
    const { imagesDirectory } = await scene.save();
    rmSync(source, { recursive: true });
    await fails(scene, imagesDirectory, { message: expect.stringContaining(source) });
    mkdirSync(source);
    await goesOn(scene, imagesDirectory);
  });

  it('when a namespace that it joined is not there', async () => {
    using joined = NetworkNamespace.create();
    const path = join(sandbox().dir, 'netns');
    symlinkSync(`/proc/${process.pid}/fd/${joined.fd}`, path);
    const base = withGroup();
    const namespaces = base.namespaces!.map((one) => (one.type === 'NEWNET' ? { ...one, path } : one));
    await using scene = await counting({ ...base, networks: [], namespaces });
    const { imagesDirectory } = await scene.save();
    rmSync(path);
    await fails(scene, imagesDirectory, { code: 'SystemError', field: 'namespaces', errno: 'ENOENT', path });
    symlinkSync(`/proc/${process.pid}/fd/${joined.fd}`, path);
    await goesOn(scene, imagesDirectory);
  });
});

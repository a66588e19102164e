import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { ordinaryDevices, ordinaryMounts, put, runContainer, type Sandbox, sandbox } from './fixtures/container.ts';
import type { RootfsConfig } from './types.ts';
import { compileWorkingDirectory } from './working-directory.ts';

/** A path of the host, and the ways in which a link of the root file system can lead to it. */
const ways = (box: Sandbox, name: string): readonly string[] => [
  join(box.dir, name),
  `${'../'.repeat(12)}${join(box.dir, name).slice(1)}`,
];

/** Everything below a directory with type, mode, owner and device, in a form that can be compared. */
function inventory(dir: string): readonly string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { mode, uid, gid, rdev, size } = lstatSync(path);
      return `${path} ${mode.toString(8)} ${uid}:${gid} ${rdev} ${entry.isFile() ? size : ''}`;
    })
    .sort();
}

const ordinary = (rootfs: string): RootfsConfig => ({
  rootfs,
  mounts: ordinaryMounts,
  devices: [...ordinaryDevices, { type: 'c', path: '/dev/owned', major: 1, minor: 3, uid: 77, gid: 77 }],
});

/** Starts the container, whatever comes of it, and says how it failed. */
async function attempt(config: RootfsConfig, script = 'true'): Promise<string | undefined> {
  try {
    await runContainer({ config, script });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a hostile root file system', () => {
  for (const way of [0, 1])
    for (const place of ['proc', 'sys', 'dev', 'dev/pts', 'dev/shm'])
      it(`cannot send the mount on /${place} out by the link ${way ? '../..' : '/…'}`, async () => {
        using box = sandbox();
        mkdirSync(join(box.dir, 'victim'));
        mkdirSync(join(box.rootfs, place, '..'), { recursive: true });
        symlinkSync(ways(box, 'victim')[way]!, join(box.rootfs, place));
        const before = inventory(join(box.dir, 'victim'));
        // Without the tmpfs on /dev, which would hide the links below it.
        const mounts = ordinaryMounts.filter(({ destination }) => place === 'dev' || destination !== '/dev');
        expect(await attempt({ ...ordinary(box.rootfs), mounts })).toMatch(
          new RegExp(`mount \\w+ on /${place}: openat2.*ELOOP`),
        );
        expect(inventory(join(box.dir, 'victim'))).toEqual(before);
      });

  it('may lead a link to a place of its own, but not those of procfs and sysfs', async () => {
    using box = sandbox();
    mkdirSync(join(box.rootfs, 'elsewhere/devices'), { recursive: true });
    symlinkSync('../../../elsewhere/devices', join(box.rootfs, 'dev'));
    const { output } = await runContainer({
      config: ordinary(box.rootfs),
      script: 'ls /elsewhere/devices/pts; stat -c %F /elsewhere/devices/null',
    });
    expect(output).toBe('ptmx\ncharacter special file\n');
    for (const place of ['proc', 'sys']) {
      rmSync(join(box.rootfs, place), { recursive: true });
      symlinkSync('/elsewhere', join(box.rootfs, place));
      expect(await attempt(ordinary(box.rootfs))).toMatch(new RegExp(`on /${place}: .*ELOOP`));
      rmSync(join(box.rootfs, place));
      mkdirSync(join(box.rootfs, place));
    }
  });

  it('cannot have devices, links and the terminal made outside of it', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'victim'));
    put(join(box.dir, 'victim/ptmx'), 'mine');
    mkdirSync(join(box.rootfs, 'dev/pts'), { recursive: true });
    put(join(box.dir, 'console'), 'mine');
    symlinkSync(join(box.dir, 'victim'), join(box.rootfs, 'dev/sub'));
    symlinkSync(join(box.dir, 'console'), join(box.rootfs, 'dev/console'));
    symlinkSync(join(box.dir, 'victim/ptmx'), join(box.rootfs, 'dev/ptmx'));
    const before = inventory(join(box.dir, 'victim'));
    const config = {
      rootfs: box.rootfs,
      mounts: ordinaryMounts.filter(({ destination }) => destination === '/dev/pts'),
      devices: [{ type: 'c', path: '/dev/sub/null', major: 1, minor: 3, uid: 5 }],
    };
    // The link leads to a directory that the container has not.
    expect(await attempt(config)).toMatch(/devices\[0\]: make device \/dev\/sub\/null.*(ENOENT|ELOOP)/);
    await expect(runContainer({ config: { ...config, devices: [] }, tty: true, script: 'true' })).rejects.toMatchObject(
      {
        code: 'ELOOP',
        step: { what: 'make the terminal /dev/console' },
      },
    );
    expect(inventory(join(box.dir, 'victim'))).toEqual(before);
    expect(statSync(join(box.dir, 'console')).size).toBe(4);
  });

  it('cannot pass another device or file for one of the configuration', async () => {
    using box = sandbox();
    put(join(box.rootfs, 'dev/null'), '');
    const devices = ordinaryDevices.filter(({ path }) => path === '/dev/null');
    const start = () => attempt({ rootfs: box.rootfs, devices });
    expect(await start()).toMatch(/devices\[0\]: \/dev\/null exists and is another file: EEXIST/);
    rmSync(join(box.rootfs, 'dev/null'));
    symlinkSync('/dev/zero', join(box.rootfs, 'dev/null'));
    expect(await start()).toMatch(/another file: EEXIST/);
    rmSync(join(box.rootfs, 'dev/null'));
    expect(await start()).toBe(undefined);
    // The same node again is fine.
    expect(await start()).toBe(undefined);
    const zero = devices.map((device) => ({ ...device, minor: 5 }));
    expect(await attempt({ rootfs: box.rootfs, devices: zero })).toMatch(/another file: EEXIST/);
  });

  it('cannot have masked and read-only paths outside of it, or keep something visible by a false /dev/null', async () => {
    using box = sandbox();
    put(join(box.dir, 'victim/file'), 'host');
    put(join(box.rootfs, 'secret'), 'secret');
    put(join(box.rootfs, 'dev/null'), 'not null');
    symlinkSync(join(box.dir, 'victim'), join(box.rootfs, 'link'));
    symlinkSync('/secret', join(box.rootfs, 'alias'));
    const { output } = await runContainer({
      config: {
        rootfs: box.rootfs,
        mounts: [ordinaryMounts[0]!],
        maskPaths: ['/link/file', '/alias', '/../../../../../../secret'],
        readonlyPaths: ['/link', '/proc/self/root', '/bin'],
      },
      script: 'cat /secret; cat /proc/self/mountinfo',
    }).catch((error: Error) => ({ output: error.message }));
    // A link of procfs is refused, and everything else stays inside.
    expect(output).toMatch(/readonlyPaths\[1\]: make \/proc\/self\/root read-only: openat2.*ELOOP/);
    const { output: masked } = await runContainer({
      config: {
        rootfs: box.rootfs,
        maskPaths: ['/link/file', '/alias', '/../../../../../../secret'],
        readonlyPaths: ['/link', '/bin'],
      },
      script: 'cat /secret; stat -c %F:%t:%T /secret; touch /bin/x',
    });
    expect(masked).toBe('character special file:1:3\ntouch: /bin/x: Read-only file system\n');
  });

  it('cannot have files and directories for mounts made outside of it', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'victim'));
    put(join(box.dir, 'data/file'), 'x');
    for (const [index, link] of ways(box, 'victim').entries()) symlinkSync(link, join(box.rootfs, `link${index}`));
    const targets = ['/link0/new', '/link1/new', '/link0/deep/er', '/../../../etc/made-by-test'];
    const outcomes: (string | undefined)[] = [];
    for (const destination of targets)
      for (const source of ['data', 'data/file']) {
        const mount = { source: join(box.dir, source), destination, device: 'bind', flags: 0 };
        const message = await attempt({ rootfs: box.rootfs, mounts: [ordinaryMounts[0]!, mount] });
        outcomes.push(message === undefined ? 'inside' : /: (E[A-Z]+)/.exec(message)?.[1]);
      }
    expect(readdirSync(join(box.dir, 'victim'))).toEqual([]);
    expect(existsSync('/etc/made-by-test')).toBe(false);
    expect(existsSync(join(box.rootfs, 'etc/made-by-test'))).toBe(true);
    expect(outcomes).toEqual([...Array(6).fill('ELOOP'), 'inside', 'EISDIR']);
  });

  it('cannot have a working directory outside of it', async () => {
    using box = sandbox();
    const start = (cwd: string) =>
      runContainer({
        config: { rootfs: box.rootfs, mounts: [ordinaryMounts[0]!] },
        // A descriptor of the host's root lies open while the process goes there.
        first: (b) => {
          b.call('openat', { dirfd: { fd: -100 }, pathname: '/', flags: ['O_PATH'] });
        },
        last: (b, root) => compileWorkingDirectory(b, cwd, { root }),
        script: 'pwd',
      });
    for (const fd of [5, 6, 7, 8, 9, 10])
      await expect(start(`/proc/self/fd/${fd}`)).rejects.toMatchObject({ code: expect.stringMatching(/ELOOP|ENOENT/) });
    expect((await start('/bin/../bin')).output).toBe('/bin\n');
    await expect(start('/absent')).rejects.toMatchObject({ code: 'ENOENT', step: { field: 'cwd' } });
  });

  it('cannot win a race by turning a link while the path is used', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'victim/sub'), { recursive: true });
    mkdirSync(join(box.rootfs, 'real/sub'), { recursive: true });
    put(join(box.dir, 'data/file'), 'x');
    symlinkSync('real', join(box.rootfs, 'place'));
    const before = inventory(join(box.dir, 'victim'));
    const turns = new Int32Array(new SharedArrayBuffer(8));
    const racer = new Worker(racerSource, { eval: true, workerData: { ...box, turns } });
    const ended = new Promise((resolve, reject) => racer.once('exit', resolve).once('error', reject));
    const bind = (source: string, destination: string) => ({
      source: join(box.dir, source),
      destination,
      device: 'bind',
      flags: 0,
    });
    const messages = new Set<string | undefined>();
    try {
      // Most rounds fail at some point, since what the link names is not there in the container.
      for (let round = 0; round < 100 || Atomics.load(turns, 0) < 10_000; round++) {
        const mounts = [
          bind('data', '/place/sub'),
          bind('data', `/place/new-${round}`),
          bind('data/file', `/place/file-${round}`),
        ];
        const devices = [{ type: 'c', path: `/place/null-${round}`, major: 1, minor: 3, uid: 9 }];
        messages.add(
          await attempt({ rootfs: box.rootfs, mounts, devices, maskPaths: ['/place/sub'], readonlyPaths: ['/place'] }),
        );
      }
    } finally {
      Atomics.store(turns, 1, 1);
      await ended;
    }
    expect(inventory(join(box.dir, 'victim'))).toEqual(before);
    // The race was one: both ways were seen.
    expect(messages.has(undefined)).toBe(true);
    expect(messages.size).toBeGreaterThan(1);
  });
});

/** Turns the link `place` to and fro until it is told to stop, and counts. */
const racerSource = `
  const { workerData: { dir, rootfs, turns } } = require('node:worker_threads');
  const { renameSync, symlinkSync } = require('node:fs');
  while (Atomics.load(turns, 1) === 0) {
    for (const target of [dir + '/victim', 'real']) {
      symlinkSync(target, rootfs + '/next');
      renameSync(rootfs + '/next', rootfs + '/place');
      Atomics.add(turns, 0, 1);
    }
  }
`;

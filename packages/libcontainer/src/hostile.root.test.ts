import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Config, Mount } from '@nsinit/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { Process } from './process/process.ts';
import { makeRootfs } from './testing/rootfs.ts';
import { environment, exec, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

/** A directory of the host that a container must not touch, with a file of each kind that one may go for. */
let canary: string;

beforeAll(() => {
  canary = join(box().dir, 'canary');
  for (const name of ['pts', 'shm', 'mqueue', 'sub/deep', 'kernel']) mkdirSync(join(canary, name), { recursive: true });
  for (const name of [
    'null',
    'zero',
    'console',
    'ptmx',
    'kcore',
    'sysrq-trigger',
    'passwd',
    'sub/file',
    'kernel/shmmni',
  ])
    writeFileSync(join(canary, name), `canary ${name}\n`, { mode: 0o640 });
});

/** Everything of a tree: names, types, owners, modes, times of change, contents. */
function fingerprint(dir: string): string {
  const hash = createHash('sha256');
  const visit = (path: string) => {
    const { mode, uid, gid, rdev, size, mtimeMs, ctimeMs } = lstatSync(path);
    hash.update(JSON.stringify([path, mode, uid, gid, rdev, size, mtimeMs, ctimeMs]));
    if ((mode & 0o170000) === 0o040000) for (const name of readdirSync(path).sort()) visit(join(path, name));
    if ((mode & 0o170000) === 0o100000) hash.update(readFileSync(path));
    if ((mode & 0o170000) === 0o120000) hash.update(readlinkSync(path));
  };
  visit(dir);
  return hash.digest('hex');
}

/** The host's mounts, without those that other tests make below their own directories. */
const hostMounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => !/\/nsinit-/.test(line) || line.includes(box().dir));

const hostFacts = () => ({
  canary: fingerprint(canary),
  mounts: hostMounts(),
  etc: readdirSync('/etc').sort(),
  dev: readdirSync('/dev').sort(),
  hostname: readFileSync('/proc/sys/kernel/hostname', 'utf8'),
  shmmni: readFileSync('/proc/sys/kernel/shmmni', 'utf8'),
});

/** A container with the mounts that its configuration says and no others, so that nothing covers a link by accident. */
const create = async (config: Config) => (await box().factory({ defaultMounts: false })).create(box().nextId(), config);

/** The ways in which a link of a root file system can lead to a path of the host. */
const ways = {
  absolute: (path: string) => path,
  upwards: (path: string) => `${'../'.repeat(16)}${path.slice(1)}`,
  'by a link of its own': () => '/way/out',
  'by the root of the first process': (path: string) => `/proc/1/root${path}`,
  'by a descriptor': (path: string) => `/proc/self/fd/3/..${path}`,
} as const;

/** Lets a container of a hostile root file system try, and proves that nothing happened outside. */
async function attempt(
  way: keyof typeof ways,
  prepare: (rootfs: string, link: (path: string, to: string) => void) => Partial<Config>,
): Promise<'ran' | 'refused'> {
  const rootfs = mkdtempSync(join(box().dir, 'hostile-'));
  makeRootfs(rootfs);
  mkdirSync(join(rootfs, 'way'));
  symlinkSync(`${'../'.repeat(16)}${canary.slice(1)}`, join(rootfs, 'way/out'));
  const link = (path: string, to: string) => {
    rmSync(join(rootfs, path), { recursive: true, force: true });
    mkdirSync(join(rootfs, path, '..'), { recursive: true });
    symlinkSync(ways[way](to), join(rootfs, path));
  };
  const config = { ...box().config({ rootfs }), ...prepare(rootfs, link) };
  const before = hostFacts();
  const container = await create(config);
  let outcome: 'ran' | 'refused';
  try {
    // What it can do as root inside is part of the attempt.
    await exec(
      container,
      ['sh', '-c', 'echo owned > /dev/null; for f in /dev/* /proc/sys/kernel/*; do :; done; touch /dev/x /tmp/x; sync'],
      {},
    );
    outcome = 'ran';
  } catch (error) {
    expect(error).toMatchObject({ name: 'ContainerError' });
    outcome = 'refused';
  } finally {
    await container.destroy({ force: true });
  }
  expect(hostFacts()).toEqual(before);
  expect(existsSync(join(canary, 'x'))).toBe(false);
  rmSync(rootfs, { recursive: true });
  return outcome;
}

const everyWay = Object.keys(ways) as (keyof typeof ways)[];

const without = (mounts: readonly Mount[], ...destinations: readonly string[]) =>
  mounts.filter(({ destination }) => !destinations.includes(destination));

describe.for(everyWay)('a link that leads out %s', (way) => {
  it.for(['proc', 'dev', 'sys'])('in place of /%s is not mounted upon', async (name) => {
    expect(
      await attempt(way, (_, link) => {
        link(name, canary);
        return {};
      }),
    ).toBe('refused');
  });

  it('in place of /dev/pts, /dev/shm and /dev/mqueue is not mounted upon', async () => {
    for (const name of ['pts', 'shm', 'mqueue'])
      expect(
        await attempt(way, (_, link) => {
          link(`dev/${name}`, join(canary, name));
          // Without the tmpfs that would hide the link.
          return {
            mounts: [
              ...without(box().config().mounts!, '/dev'),
              { source: 'tmpfs', destination: '/run', device: 'tmpfs', flags: 0 },
            ],
            devices: [],
          };
        }),
      ).toBe('refused');
  });

  it('in place of a mount\u2019s target stays inside or is refused', async () => {
    for (const destination of ['/target', '/target/sub', '/target/sub/file', '/target/new/deep'])
      for (const source of ['/etc/hostname', '/tmp'])
        await attempt(way, (_, link) => {
          link('target', canary);
          return { mounts: [...box().config().mounts!, { source, destination, device: 'bind', flags: 4096 }] };
        });
  });

  it('in place of a masked or read-only path hides and changes nothing outside', async () => {
    await attempt(way, (_, link) => {
      link('etc/secret', join(canary, 'passwd'));
      link('etc/fixed', join(canary, 'sub'));
      return {
        maskPaths: ['/etc/secret', '/etc/secret/x', '/etc/fixed'],
        readonlyPaths: ['/etc/fixed', '/etc/fixed/deep', '/etc/secret'],
      };
    });
  });

  it('in place of a device or its directory gets no node', async () => {
    for (const path of ['dev/null', 'dev/zero'])
      expect(
        await attempt(way, (_, link) => {
          link(path, join(canary, path.slice(4)));
          return {
            mounts: without(box().config().mounts!, '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue').concat({
              source: 'tmpfs',
              destination: '/run',
              device: 'tmpfs',
              flags: 0,
            }),
          };
        }),
      ).toMatch(/ran|refused/);
    await attempt(way, (_, link) => {
      link('dev/sub', join(canary, 'sub'));
      return {
        mounts: without(box().config().mounts!, '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue'),
        devices: [
          { type: 'c', path: '/dev/sub/null', major: 1, minor: 3, permissions: 'rwm', fileMode: 0o666, uid: 7, gid: 7 },
        ],
      };
    });
  });

  it('in place of the working directory is not gone to', async () => {
    const cwd = async (rootfs: string, path: string) => {
      const container = await box().create(box().config({ rootfs }));
      try {
        return (await exec(container, ['sh', '-c', 'ls; touch made'], { process: { cwd: path } })).stdout;
      } catch (error) {
        return (error as Error).message;
      } finally {
        await container.destroy({ force: true });
      }
    };
    const rootfs = mkdtempSync(join(box().dir, 'hostile-'));
    makeRootfs(rootfs);
    symlinkSync(ways[way](canary), join(rootfs, 'cwd'));
    const before = hostFacts();
    for (const path of ['/cwd', '/cwd/sub', '/cwd/new/one', '/proc/self/fd/4', '/proc/1/root'])
      expect(await cwd(rootfs, path)).not.toMatch(/passwd|deep/);
    expect(hostFacts()).toEqual(before);
    rmSync(rootfs, { recursive: true });
  });

  it('in place of the terminal is not bound upon', async () => {
    const rootfs = mkdtempSync(join(box().dir, 'hostile-'));
    makeRootfs(rootfs);
    mkdirSync(join(rootfs, 'dev/pts'), { recursive: true });
    for (const name of ['console', 'ptmx', 'tty'])
      symlinkSync(ways[way](join(canary, name)), join(rootfs, 'dev', name));
    const mounts = without(box().config().mounts!, '/dev', '/dev/shm', '/dev/mqueue').concat({
      source: 'tmpfs',
      destination: '/run',
      device: 'tmpfs',
      flags: 0,
    });
    const before = hostFacts();
    const container = await create(box().config({ rootfs, mounts, devices: [] }));
    const process = new Process({ args: ['true'], env: environment });
    process.newConsole();
    const failed = await container.start(process).then(
      () => process.wait(),
      (error: unknown) => error,
    );
    expect(failed).toBeDefined();
    await container.destroy({ force: true });
    expect(hostFacts()).toEqual(before);
    rmSync(rootfs, { recursive: true });
  });

  it('in place of /etc/passwd is not read', async () => {
    const rootfs = mkdtempSync(join(box().dir, 'hostile-'));
    makeRootfs(rootfs);
    writeFileSync(join(canary, 'users'), 'outsider:x:4711:4711::/:/bin/sh\n');
    rmSync(join(rootfs, 'etc/passwd'));
    symlinkSync(ways[way](join(canary, 'users')), join(rootfs, 'etc/passwd'));
    const container = await box().create(box().config({ rootfs }));
    await expect(exec(container, ['id'], { process: { user: 'outsider' } })).rejects.toMatchObject({
      code: 'ConfigInvalid',
      field: 'user',
    });
    await container.destroy();
    rmSync(join(canary, 'users'));
    rmSync(rootfs, { recursive: true });
  });
});

describe('a container that runs', () => {
  it('cannot make a joining process write through its /proc', async () => {
    // Whoever joins sets oom_score_adj and limits before it sees the container's files.
    const config = box().config({
      oomScoreAdj: 123,
      capabilities: ['SYS_ADMIN', 'DAC_OVERRIDE'],
      readonlyPaths: [],
      maskPaths: [],
    });
    await box().using(config, async (container) => {
      const script = 'mount -t tmpfs tmpfs /proc; mkdir -p /proc/self/fd; echo ready; exec sleep 100';
      const { stdout } = await start(container, ['sh', '-c', script]);
      await stdout.until(/ready/);
      expect(await exec(container, ['sh', '-c', 'ls /proc/self'])).toMatchObject({ status: 0, stdout: 'fd\n' });
    });
  });

  it('cannot make the root file system of the next start another directory', async () => {
    const rootfs = join(box().dir, 'moving');
    mkdirSync(rootfs);
    makeRootfs(rootfs);
    const container = await box().create(box().config({ rootfs }));
    rmSync(rootfs, { recursive: true });
    symlinkSync('/', rootfs);
    const before = hostFacts();
    await expect(exec(container, ['true'])).rejects.toMatchObject({ name: 'ContainerError' });
    expect(hostFacts()).toEqual(before);
    await container.destroy();
    rmSync(rootfs);
  });
});

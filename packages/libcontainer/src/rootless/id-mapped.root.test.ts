import { chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, MOUNT_FLAGS, type Mount } from '@nsinit/config';
import { mapRange } from '@nsinit/namespaces';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestFileSystem } from '../testing/file-system.ts';
import { makeRootfs } from '../testing/rootfs.ts';
import { failure, useSandbox } from '../testing/sandbox.ts';

const box = useSandbox();

/** The template in a user namespace whose root is this id of the host. */
const userConfig = (first: number, changes: Partial<Config> = {}): Config => {
  const config = box().config();
  return {
    ...config,
    namespaces: [...config.namespaces!, { type: 'NEWUSER' }],
    uidMappings: [mapRange(0, first, 65_536)],
    gidMappings: [mapRange(0, first, 65_536)],
    ...changes,
  };
};

const bind = (source: string, changes: Partial<Mount> = {}): Mount => ({
  source,
  destination: '/tmp',
  device: 'bind',
  flags: MOUNT_FLAGS.MS_BIND,
  ...changes,
});

const withMount = (config: Config, mount: Mount): Config => ({ ...config, mounts: [...config.mounts!, mount] });

describe.each(['ext4', 'tmpfs'] as const)('an id-mapped mount on %s', (type) => {
  let made: ReturnType<typeof TestFileSystem.make>;
  beforeAll(() => {
    made = TestFileSystem.make(type);
  });
  afterAll(() => {
    if (!('missing' in made)) made[Symbol.dispose]();
  });

  let data: string;
  beforeEach((ctx) => {
    if ('missing' in made) return ctx.skip(`host: no ${type} for a test: ${made.missing}`);
    data = join(made.dir, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'old'), 'x');
    chownSync(join(data, 'old'), 7, 8);
  });
  afterEach(() => rmSync(data, { recursive: true }));

  const script = 'stat -c "%u:%g" /tmp/old; touch /tmp/new && chown 5:6 /tmp/new; stat -c "%u:%g" /tmp/new';

  it('shows owners by the maps of the container', async () => {
    // Without it the file belongs to nobody, and root of the container may not write to the directory.
    const plain = await box().runContainer(withMount(userConfig(300_000), bind(data)), ['sh', '-c', script]);
    expect(plain.stdout).toBe('65534:65534\n');
    for (const first of [300_000, 900_000]) {
      const config = withMount(userConfig(first), bind(data, { idmap: 'idmap' }));
      expect(await box().shell(script, config)).toBe('7:8\n5:6\n');
      expect(statSync(join(data, 'new'))).toMatchObject({ uid: 5, gid: 6 });
      rmSync(join(data, 'new'));
    }
  });

  it('shows them by maps of its own, also without a user namespace', async () => {
    const maps = { uidMappings: [mapRange(0, 1000, 100)], gidMappings: [mapRange(0, 2000, 100)] };
    const config = withMount(box().config(), bind(data, maps));
    expect(await box().shell('stat -c "%u:%g" /tmp/old', config)).toBe('1007:2008\n');
    const swap = { uidMappings: [mapRange(7, 300_000, 1)], gidMappings: [mapRange(8, 300_000, 1)] };
    expect(await box().shell('stat -c "%u:%g" /tmp/old', withMount(userConfig(300_000), bind(data, swap)))).toBe(
      '0:0\n',
    );
  });

  it('carries a root file system for different maps', async () => {
    const rootfs = join(data, 'rootfs');
    makeRootfs(rootfs);
    chownSync(join(rootfs, 'bin'), 33, 44);
    const script = 'stat -c %u:%g / /bin; touch /made; chown 5:6 /made; stat -c %u:%g /made';
    for (const first of [300_000, 900_000]) {
      const config = { ...userConfig(first), rootfs };
      expect(await box().shell(script, { ...config, idmapRootfs: true })).toBe('0:0\n33:44\n5:6\n');
      expect(statSync(join(rootfs, 'made'))).toMatchObject({ uid: 5, gid: 6 });
      rmSync(join(rootfs, 'made'));
      // Without it they are nobody's.
      expect((await box().runContainer(config, ['stat', '-c', '%u:%g', '/bin'])).stdout).toBe('65534:65534\n');
    }
  });
});

describe('an id-mapped mount', () => {
  it('leaves the mounts below it as they are, unless they are mapped too', async () => {
    // Below the root of the host are file systems that cannot be mapped.
    const below = (idmap: 'idmap' | 'ridmap') =>
      withMount(userConfig(300_000), bind('/', { idmap, flags: MOUNT_FLAGS.MS_BIND | MOUNT_FLAGS.MS_REC }));
    expect(await box().shell('stat -c %u /tmp/bin /tmp/proc', below('idmap'))).toBe('0\n65534\n');
    const error = await failure(box().runContainer(below('ridmap'), ['true']));
    expect(error).toMatchObject({
      code: 'SystemError',
      errno: 'EINVAL',
      field: expect.stringMatching(/^mounts\[\d+\]$/),
    });
  });

  it('of a file system that has none is an error that says so', async () => {
    const config = withMount(userConfig(300_000), bind('/sys/kernel', { idmap: 'idmap' }));
    const error = await failure(box().runContainer(config, ['true']));
    expect(error).toMatchObject({ errno: 'EINVAL', path: '/sys/kernel', hint: expect.stringContaining('ext4') });
    expect(error.message).toMatch(
      /^mounts\[\d+\]: cannot make an id-mapped mount of \/sys\/kernel: sysfs has no id-mapped/,
    );
    const absent = await failure(
      box().runContainer(withMount(userConfig(300_000), bind('/absent', { idmap: 'idmap' })), ['true']),
    );
    expect(absent).toMatchObject({ errno: 'ENOENT', path: '/absent' });
  });

  it('needs mappings', async () => {
    const error = await failure(box().create(withMount(box().config(), bind('/srv', { idmap: 'idmap' }))));
    expect(error).toMatchObject({ code: 'ConfigInvalid' });
    expect(error.message).toMatch(/mounts\[\d+\]\.idmap: a user namespace of the container itself is needed/);
    const tmpfs = { ...bind('x', { idmap: 'idmap' }), device: 'tmpfs' };
    expect((await failure(box().create(withMount(userConfig(300_000), tmpfs)))).message).toMatch(/only bind mounts/);
  });
});

describe('an id-mapped root file system', () => {
  it('serves containers of different maps without a change of owners', async () => {
    mkdirSync(join(box().rootfs, 'srv'), { recursive: true });
    chownSync(join(box().rootfs, 'srv'), 33, 33);
    const script = 'stat -c %u / /bin/busybox /srv; touch /srv/made && stat -c %u /srv/made; id -u';
    for (const first of [300_000, 900_000]) {
      expect(await box().shell(script, userConfig(first, { idmapRootfs: true }))).toBe('0\n0\n33\n0\n0\n');
      expect(statSync(join(box().rootfs, 'srv/made')).uid).toBe(0);
      rmSync(join(box().rootfs, 'srv/made'));
    }
    expect(statSync(join(box().rootfs, 'bin/busybox')).uid).toBe(0);
    expect(readdirSync(join(box().rootfs, 'srv'))).toEqual([]);
    rmSync(join(box().rootfs, 'srv'), { recursive: true });
  });

  it('can be read-only, and is joined', async () => {
    const config = userConfig(300_000, { idmapRootfs: true, readonlyFs: true });
    expect(await box().shell('touch /bin/x 2>/dev/null || echo no; stat -c %u /bin', config)).toBe('no\n0\n');
  });

  it('needs a user namespace', async () => {
    const error = await failure(box().create({ ...box().config(), idmapRootfs: true }));
    expect(error).toMatchObject({ code: 'ConfigInvalid', field: 'idmap_rootfs' });
  });
});

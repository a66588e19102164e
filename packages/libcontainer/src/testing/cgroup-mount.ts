import { basename } from 'node:path';
import { addNamespace, type Cgroup, type Config, MOUNT_FLAGS, type Mount, type NamespaceType } from '@nsinit/config';
import { expect, it } from 'vitest';
import type { Container } from '../container.ts';
import type { FactoryOptions } from '../factory.ts';
import { exec, failure, type Sandbox, start } from './sandbox.ts';

const { MS_RDONLY } = MOUNT_FLAGS;
const memory = 64 << 20;

/** Where a container finds the file with its own limit of memory, and what is in it. */
const limitOf = (dir: string) =>
  `cat ${dir}/memory/memory.limit_in_bytes ${dir}/unified/memory.max ${dir}/memory.max 2>/dev/null`;

const show = "grep -E ' - cgroup2? ' /proc/self/mountinfo";

/** The mounts of control groups that mountinfo shows: where, what is at the top, options and type. */
function mountsIn(text: string): readonly { place: string; top: string; options: readonly string[]; type: string }[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const fields = line.split(' ');
      return {
        top: fields[3]!,
        place: fields[4]!,
        options: fields[5]!.split(','),
        type: fields[fields.indexOf('-') + 1]!,
      };
    });
}

/** The tests of mounts of control groups, which hold for every driver on every kind of host. */
export function cgroupMountTests(box: () => Sandbox, driver: FactoryOptions['cgroupDriver'], parent: string): void {
  const cgroup: Mount = { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 };
  const config = (mount: Partial<Mount> = {}, kinds: readonly NamespaceType[] = [], own: Cgroup = {}): Config => {
    const ids = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    const plain = kinds.includes('NEWUSER') ? box().mapped(ids) : box().config();
    return {
      ...plain,
      cgroups: { parent, allowAllDevices: true, memory, ...own },
      mounts: [...plain.mounts!, { ...cgroup, ...mount }],
      // A user namespace needs the host's own, which may not have been loaded.
      devices: plain.devices!.filter(({ path }) => path !== '/dev/fuse'),
      namespaces: kinds.reduce<Config['namespaces']>((all, type) => addNamespace(all, type), plain.namespaces)!,
    };
  };

  async function running(of: Config, body: (container: Container) => Promise<void>): Promise<void> {
    const factory = await box().factory(driver ? { cgroupDriver: driver } : {});
    const container = await factory.create(box().nextId(), of);
    try {
      await start(container, ['sleep', '1000']);
      await body(container);
    } finally {
      await container.destroy({ force: true });
    }
  }

  const shell = async (container: Container, script: string) => {
    const { stdout, stderr } = await exec(container, ['/bin/sh', '-c', script]);
    return stdout + stderr;
  };

  /** Directories of the container's groups, as a mount shows them where no namespace hides what is above. */
  const ownTops = async (container: Container) =>
    new Set(Object.values((await container.state()).cgroupPaths).map((path) => basename(path)));

  it.for<readonly [string, readonly NamespaceType[]]>([
    ['no namespace of its own', []],
    ['a cgroup namespace', ['NEWCGROUP']],
    ['a user namespace', ['NEWUSER']],
    ['a user namespace and a cgroup namespace', ['NEWUSER', 'NEWCGROUP']],
  ])('shows a container with %s its own groups, read-only', async ([, kinds]) => {
    await running(config({}, kinds), async (container) => {
      const mounts = mountsIn(await shell(container, show));
      expect(mounts.length).toBeGreaterThan(0);
      const tops = await ownTops(container);
      for (const { place, top, options } of mounts) {
        expect(place).toMatch(/^\/sys\/fs\/cgroup(\/|$)/);
        expect(options).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec']));
        // Who looks from the host's cgroup namespace sees the path, who looks from the container's own sees none.
        if (kinds.includes('NEWCGROUP')) expect(top).toBe('/');
        else expect(tops).toContain(basename(top));
      }
      expect((await shell(container, limitOf('/sys/fs/cgroup'))).trim()).toBe(String(memory));
      const written = await shell(
        container,
        'cd /sys/fs/cgroup; for f in memory/memory.limit_in_bytes memory.max; do [ -e $f ] && echo 1 >$f; done; mkdir x',
      );
      expect(written).toMatch(/(Read-only file system[\s\S]*){2}/);
      expect((await shell(container, limitOf('/sys/fs/cgroup'))).trim()).toBe(String(memory));
    });
  });

  it('shows a cgroup namespace whose root is the group itself', async () => {
    await running(config({}, ['NEWCGROUP']), async (container) => {
      const first = await shell(container, 'cat /proc/1/cgroup');
      expect(
        first
          .trim()
          .split('\n')
          .filter((line) => !line.endsWith(':/')),
      ).toEqual([]);
      expect(await shell(container, 'cat /proc/self/cgroup')).toBe(first);
    });
  });

  it('can be written where that is asked for, up to the limits that only the host sets', async () => {
    await running(config({ data: 'rw' }, ['NEWUSER', 'NEWCGROUP']), async (container) => {
      const unified = mountsIn(await shell(container, show)).find(({ type }) => type === 'cgroup2');
      const place = unified!.place;
      expect(unified!.options).toContain('rw');
      expect(
        await shell(container, `mkdir ${place}/own && echo $$ >${place}/own/cgroup.procs && cat /proc/self/cgroup`),
      ).toMatch(/^0::\/own$/m);
      const refused = await shell(
        container,
        `cd ${place}; for f in memory.max cgroup.freeze; do [ -e $f ] && echo 1 >$f; done`,
      );
      expect(refused).toMatch(/Permission denied/);
      expect((await shell(container, limitOf('/sys/fs/cgroup'))).trim()).toBe(String(memory));
    });
  });

  it('is made behind the links of a root file system without leaving it', async () => {
    await box().shell('mkdir -p /away; ln -s ../../../../../../away /link');
    try {
      await running(config({ destination: '/link/groups' }), async (container) => {
        const mounts = mountsIn(await shell(container, show));
        expect(mounts.length).toBeGreaterThan(0);
        for (const { place } of mounts) expect(place).toMatch(/^\/away\/groups(\/|$)/);
      });
    } finally {
      await box().shell('rm -r /link /away');
    }
  });

  it.for<readonly [string, Partial<Mount>, RegExp]>([
    ['other data', { data: 'rw,size=1' }, /ro or rw/],
    ['what contradicts itself', { data: 'rw', flags: MS_RDONLY }, /read-only and rw/],
    ['a place where nothing may be', { destination: '/proc/x' }, /\/proc/],
  ])('refuses %s and names the mount', async ([, mount, message]) => {
    const of = config(mount);
    const error = await failure(running(of, async () => {}));
    expect(error.code).toBe('ConfigInvalid');
    expect(error.message).toMatch(message);
    expect(error.field ?? error.message).toContain(`mounts[${of.mounts!.length - 1}]`);
  });

  it('names the mount when its place cannot be', async () => {
    const of = config({ destination: '/bin/busybox/x' });
    const error = await failure(running(of, async () => {}));
    expect(error).toMatchObject({ code: 'SystemError', field: `mounts[${of.mounts!.length - 1}]` });
    expect(error.message).toMatch(/\/bin\/busybox is not a directory/);
  });
}

import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { constant, type ProgramBuilder } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { ordinaryMounts, put, runContainer, sandbox } from './fixtures/container.ts';
import type { MountEntry } from './types.ts';

const flag = (...names: Parameters<typeof constant<'mount'>>[1][]) =>
  names.reduce((sum, name) => sum | constant('mount', name), 0);

const bind = (source: string, destination: string, flags = 0): MountEntry => ({
  source,
  destination,
  device: 'bind',
  flags: flags | flag('MS_BIND'),
});

const proc = ordinaryMounts[0]!;
const mountinfo = 'while read -r _ _ _ _ place flags rest; do echo "$place $flags $rest"; done < /proc/self/mountinfo';

describe('bind mounts', () => {
  it('show directories and files of the host, and make the places for them', async () => {
    using box = sandbox();
    put(join(box.dir, 'data/file'), 'content');
    const { output } = await runContainer({
      config: {
        rootfs: box.rootfs,
        mounts: [
          bind(join(box.dir, 'data'), '/mnt/deep/data'),
          bind(join(box.dir, 'data/file'), 'etc/file', flag('MS_RDONLY')),
          bind(join(box.dir, 'data'), join(box.rootfs, 'host/path')),
        ],
      },
      script: 'cat /mnt/deep/data/file /etc/file /host/path/file; echo x > /mnt/deep/data/new; echo x > /etc/file',
    });
    expect(output).toBe("contentcontentcontentsh: can't create /etc/file: Read-only file system\n");
    expect(existsSync(join(box.dir, 'data/new'))).toBe(true);
    expect(statSync(join(box.rootfs, 'etc/file')).size).toBe(0);
  });

  it('have the flags of their entry, and their submounts keep their own', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'data/sub'), { recursive: true });
    const { output } = await runContainer({
      config: {
        rootfs: box.rootfs,
        mounts: [
          proc,
          bind(join(box.dir, 'data'), '/a', flag('MS_REC', 'MS_RDONLY', 'MS_NOSUID', 'MS_NOEXEC', 'MS_NOATIME')),
          bind(join(box.dir, 'data'), '/b', flag('MS_NODEV')),
        ],
      },
      first: (b) => tmpfsOn(b, join(box.dir, 'data/sub'), ['MS_NODEV']),
      script: `${mountinfo}; touch /a/x 2>/dev/null || echo refused; touch /a/sub/x && echo written`,
    });
    const lines = output.trim().split('\n');
    const places = lines.map((line) => line.split(' ').slice(0, 2).join(' '));
    expect(places.slice(2)).toEqual([
      '/a ro,nosuid,noexec,noatime',
      '/a/sub rw,nodev,relatime',
      '/b rw,nodev,relatime',
      'refused',
      'written',
    ]);
  });

  it('can be shared, slave or private', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'data/sub'), { recursive: true });
    const { output } = await runContainer({
      config: {
        rootfs: box.rootfs,
        mounts: [
          proc,
          bind(join(box.dir, 'data'), '/shared', flag('MS_REC', 'MS_SHARED')),
          bind(join(box.dir, 'data'), '/private', flag('MS_PRIVATE')),
          bind(join(box.dir, 'data'), '/unbindable', flag('MS_UNBINDABLE')),
        ],
      },
      first: (b) => tmpfsOn(b, join(box.dir, 'data/sub'), []),
      script: mountinfo,
    });
    const propagation = Object.fromEntries(
      output
        .trim()
        .split('\n')
        .map((line) => [line.split(' ')[0], line.split(' ').slice(2).join(' ').split('-')[0]!.trim()]),
    );
    expect(propagation).toMatchObject({
      '/shared': expect.stringContaining('shared:'),
      '/shared/sub': expect.stringContaining('shared:'),
      '/private': '',
      '/unbindable': 'unbindable',
    });
  });

  it('keep what the source forbids, in a user namespace too', async () => {
    using box = sandbox();
    mkdirSync(join(box.dir, 'data'));
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: [proc, bind(join(box.dir, 'data'), '/a', flag('MS_RDONLY'))] },
      namespaces: ['NEWUSER', 'NEWNS', 'NEWPID'],
      first: (b) => tmpfsOn(b, join(box.dir, 'data'), ['MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC', 'MS_NOATIME']),
      script: mountinfo,
    });
    expect(output).toContain('/a ro,nosuid,nodev,noexec,noatime ');
  });

  it('refuse a directory on a file and a file on a directory, naming both, with nothing mounted', async () => {
    using box = sandbox();
    put(join(box.dir, 'file'), '');
    put(join(box.rootfs, 'taken'), '');
    const start = (source: string, destination: string) =>
      runContainer({ config: { rootfs: box.rootfs, mounts: [bind(source, destination)] }, script: '' });
    await expect(start(box.dir, '/taken')).rejects.toMatchObject({
      code: 'ENOTDIR',
      message: expect.stringContaining(`mounts[0]: ${box.dir} is a directory, but /taken`),
    });
    await expect(start(join(box.dir, 'file'), '/bin')).rejects.toMatchObject({
      code: 'EISDIR',
      message: expect.stringContaining(`mounts[0]: ${box.dir}/file is a file, but /bin is a directory`),
    });
  });

  it('name the source that is missing', async () => {
    using box = sandbox();
    const config = { rootfs: box.rootfs, mounts: [bind(join(box.dir, 'absent'), '/x')] };
    await expect(runContainer({ config, script: '' })).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringMatching(/^mounts\[0\]: mount .*absent on \/x: open_tree\(AT_FDCWD, ".*absent"/),
    });
    expect(existsSync(join(box.rootfs, 'x'))).toBe(false);
  });
});

describe('file systems', () => {
  it('report the sentence of the kernel with a refused option', async () => {
    using box = sandbox();
    const tmpfs = { source: 'tmpfs', destination: '/x', device: 'tmpfs', flags: 0, data: 'mode=755,size=much' };
    const config = { rootfs: box.rootfs, mounts: [proc, tmpfs] };
    await expect(runContainer({ config, script: '' })).rejects.toMatchObject({
      code: 'EINVAL',
      detail: expect.stringContaining("Bad value for 'size'"),
      step: { field: 'mounts[1]', what: 'mount tmpfs on /x' },
    });
  });

  it('give a tmpfs the mode of the directory that was there, unless its options say another', async () => {
    using box = sandbox();
    for (const name of ['kept', 'given', 'readonly']) mkdirSync(join(box.rootfs, name), { mode: 0o710 });
    const tmpfs = (destination: string, data = '', flags = 0): MountEntry => ({
      source: 'tmpfs',
      destination,
      device: 'tmpfs',
      flags,
      data,
    });
    const mounts = [
      tmpfs('/kept'),
      tmpfs('/given', 'mode=1770'),
      tmpfs('/new'),
      tmpfs('/readonly', 'size=4k', flag('MS_RDONLY')),
    ];
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts },
      script: 'stat -c "%n %a" /kept /given /new /readonly; touch /readonly/x',
    });
    expect(output.trim().split('\n')).toEqual([
      '/kept 710',
      '/given 1770',
      '/new 1777',
      '/readonly 710',
      'touch: /readonly/x: Read-only file system',
    ]);
  });

  it('pass options to proc', async () => {
    using box = sandbox();
    const { output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: [{ ...proc, data: 'hidepid=2' }] },
      script: mountinfo,
    });
    expect(output).toMatch(/\/proc .* - proc proc rw,hidepid=(2|invisible)/);
  });
});

function tmpfsOn(b: ProgramBuilder, target: string, flags: Parameters<typeof constant<'mount'>>[1][]): void {
  const base = { filesystemtype: 'tmpfs', data: null, target } as const;
  b.call('mount', { ...base, source: null, target: '/', filesystemtype: null, mountflags: ['MS_REC', 'MS_PRIVATE'] });
  b.call('mount', { ...base, source: 'tmpfs', mountflags: flags });
}

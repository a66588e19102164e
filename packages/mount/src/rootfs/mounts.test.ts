import { fdAt, ProgramBuilder } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { MountError } from '../error.ts';
import { MountFlag } from '../options/flags.ts';
import { compileMounts } from './mounts.ts';
import type { MountEntry } from './types.ts';

const root = fdAt(3, 'root');
const tmpfs: MountEntry = { source: 'tmpfs', destination: '/x', device: 'tmpfs', flags: 0 };

function compile(mounts: readonly MountEntry[], more: { mountLabel?: string; rootfs?: string } = {}) {
  const b = new ProgramBuilder('x64');
  const { proc } = compileMounts(b, { rootfs: '/srv/root', mounts, ...more }, { root, commands: { output: fdAt(9) } });
  return {
    proc,
    printed: b.build().print(),
    texts: b
      .build()
      .print()
      .map(({ text }) => text),
  };
}

describe('compileMounts', () => {
  it('writes a file system as fsopen, fsconfig, fsmount, move_mount, all by descriptor', () => {
    const { texts, printed } = compile([
      { source: 'proc', destination: '/proc', device: 'proc', flags: MountFlag.MS_NOSUID | MountFlag.MS_NOEXEC },
    ]);
    expect(texts).toEqual([
      'openat2(3<root>, "/proc", {flags=O_RDONLY|O_DIRECTORY|O_CLOEXEC|O_PATH, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_NO_SYMLINKS|RESOLVE_IN_ROOT}, 24) = /proc',
      'mkdirat(3<root>, "proc", 0755)',
      'openat2(3<root>, "proc", {flags=O_RDONLY|O_DIRECTORY|O_CLOEXEC|O_PATH, resolve=RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24) = /proc',
      'fsopen("proc", FSOPEN_CLOEXEC) = proc',
      'fsconfig(proc, FSCONFIG_SET_STRING, "source", "proc", 0)',
      'fsconfig(proc, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
      'fsmount(proc, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NOEXEC) = proc mount',
      'read(proc, &log, 256)',
      'fail',
      'close(proc)',
      'move_mount(proc mount, "", /proc, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
      'close(/proc)',
    ]);
    expect(new Set(printed.map(({ field, what }) => `${field}: ${what}`))).toEqual(
      new Set(['mounts[0]: mount proc on /proc']),
    );
  });

  it('never puts the root file system and a path together', () => {
    const { texts } = compile(
      [
        tmpfs,
        { ...tmpfs, destination: '/srv/root/a/b' },
        { source: '/data', destination: '/srv/root', device: 'bind', flags: 0 },
      ].slice(0, 2),
    );
    expect(texts.join('\n')).not.toContain('/srv/root');
    expect(texts.join('\n')).toContain('openat2(3<root>, "/a/b"');
  });

  it('passes options and superblock flags to the file system, and the others to the mount', () => {
    const flags = MountFlag.MS_SYNCHRONOUS | MountFlag.MS_RDONLY | MountFlag.MS_NODEV;
    const { texts } = compile([{ ...tmpfs, data: 'mode=755,size=64k,noswap', flags }], {
      mountLabel: 'a:b:c:s0:c1,c2',
    });
    const set = texts
      .filter((text) => text.startsWith('fsconfig'))
      .map((text) => text.slice('fsconfig(tmpfs, '.length));
    expect(set).toEqual([
      'FSCONFIG_SET_STRING, "source", "tmpfs", 0)',
      'FSCONFIG_SET_FLAG, "sync", NULL, 0)',
      'FSCONFIG_SET_STRING, "mode", "755", 0)',
      'FSCONFIG_SET_STRING, "size", "64k", 0)',
      'FSCONFIG_SET_FLAG, "noswap", NULL, 0)',
      'FSCONFIG_SET_STRING, "context", "a:b:c:s0:c1,c2", 0)',
      'FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
    ]);
    expect(texts).toContain('fsmount(tmpfs, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NODEV) = tmpfs mount');
  });

  it('labels message queues by their attribute', () => {
    const mqueue = { source: 'mqueue', destination: '/dev/mqueue', device: 'mqueue', flags: 0 };
    const { texts } = compile([mqueue], { mountLabel: 'label' });
    expect(texts.filter((text) => text.includes('"context"'))).toEqual([]);
    expect(texts.find((text) => text.startsWith('fsetxattr'))).toMatch(/"security.selinux", "label", 5, 0\)/);
    expect(compile([mqueue]).texts.some((text) => text.startsWith('fsetxattr'))).toBe(false);
  });

  it('writes binds with submounts only when they are asked for', () => {
    const bind = { source: '/data', destination: '/x', device: 'bind', flags: MountFlag.MS_BIND };
    expect(compile([bind]).texts[0]).toBe('open_tree(AT_FDCWD, "/data", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC) = source');
    const { texts } = compile([
      { ...bind, flags: bind.flags | MountFlag.MS_REC | MountFlag.MS_RDONLY | MountFlag.MS_SLAVE },
    ]);
    expect(texts[0]).toContain('|AT_RECURSIVE)');
    expect(texts.filter((text) => text.startsWith('mount_setattr'))).toEqual([
      'mount_setattr(source, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY}, 32)',
      'mount_setattr(source, "", AT_EMPTY_PATH|AT_RECURSIVE, {propagation=MS_SLAVE}, 32)',
    ]);
  });

  it('surrounds a mount with its commands, each named', () => {
    const { printed } = compile([
      { ...tmpfs, premountCmds: [{ path: '/bin/a' }], postmountCmds: [{ path: '/bin/b' }, { path: '/bin/c' }] },
    ]);
    const order = printed.filter(({ op }) => op === 'execve' || op === 'fsmount').map(({ field }) => field);
    expect(order).toEqual([
      'mounts[0].premountCmds[0]',
      'mounts[0]',
      'mounts[0].postmountCmds[0]',
      'mounts[0].postmountCmds[1]',
    ]);
  });

  it('looks for a command without a slash in PATH', () => {
    const { texts } = compile([{ ...tmpfs, premountCmds: [{ path: 'cmd', args: ['x'], env: ['PATH=/a::/b'] }] }]);
    const argv = '["cmd","x"], ["PATH=/a::/b"])';
    expect(texts.filter((text) => text.startsWith('execve')).map((text) => text.replaceAll(', "x"', ',"x"'))).toEqual([
      `execve("/a/cmd", ${argv}`,
      `execve("cmd", ${argv}`,
      `execve("/b/cmd", ${argv}`,
    ]);
  });

  it('gives the first procfs that can be used', () => {
    const proc = { source: 'proc', destination: '/proc', device: 'proc', flags: 0 };
    expect(compile([]).proc).toBe(undefined);
    expect(compile([proc]).proc?.name).toBe('proc mount');
    expect(compile([{ ...proc, data: 'hidepid=2' }]).proc).toBeDefined();
    expect(compile([{ ...proc, data: 'subset=pid' }]).proc).toBe(undefined);
    expect(compile([{ ...proc, flags: MountFlag.MS_RDONLY }]).proc).toBe(undefined);
  });

  it.each<[string, Partial<MountEntry>, string]>([
    ['an unknown device', { device: 'ext9' }, 'mounts[0]: unknown mount device "ext9" to "/x"'],
    ['relabelling', { relabel: 'z' }, 'mounts[0]: relabel "z" is not supported'],
    ['id mappings', { uidMappings: [] }, 'mounts[0]: an id-mapped mount has to be made beforehand'],
    ['a remount', { flags: MountFlag.MS_REMOUNT }, 'mounts[0]: MS_REMOUNT and MS_MOVE'],
    ['the root', { destination: '/' }, 'mounts[0]: mounting into / is prohibited'],
    ['a place in /proc', { destination: '/proc/sys' }, 'located inside "/proc"'],
    ['a relative source', { device: 'bind', source: 'data' }, 'mounts[0]: source "data" is not an absolute path'],
    ['control groups where there are none', { device: 'cgroup' }, 'mounts[0]: a cgroup mount needs control groups'],
    [
      'two types of propagation',
      { flags: MountFlag.MS_SHARED | MountFlag.MS_PRIVATE },
      'mounts[0]: flags ask for MS_PRIVATE and MS_SHARED; a mount has one of them',
    ],
    ['an empty command', { premountCmds: [{ path: '' }] }, 'mounts[0].premountCmds[0]: the path of a command is empty'],
  ])('refuses %s', (_, entry, message) => {
    expect(() => compile([{ ...tmpfs, ...entry }])).toThrow(message);
    expect(() => compile([{ ...tmpfs, ...entry }])).toThrow(MountError);
  });

  it('refuses commands that cannot be run', () => {
    const mounts = [{ ...tmpfs, premountCmds: [{ path: '/bin/a' }] }];
    expect(() => compileMounts(new ProgramBuilder(), { rootfs: '/r', mounts }, { root })).toThrow(
      'mounts[0].premountCmds[0]: commands cannot be run here',
    );
  });
});

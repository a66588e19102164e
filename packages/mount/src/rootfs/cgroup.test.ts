import { AT_FDCWD, ProgramBuilder } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { MountError } from '../error.ts';
import { MountFlag } from '../options/flags.ts';
import type { CgroupView } from './cgroup.ts';
import { compileMounts } from './mounts.ts';
import type { MountEntry } from './types.ts';

const unified = { version: 2, controllers: [], name: undefined } as const;
const memory = { version: 1, controllers: ['memory'], name: undefined } as const;

function compile(cgroups: CgroupView | undefined, changes: Partial<MountEntry> = {}): readonly string[] {
  const entry: MountEntry = { source: 'cgroup', destination: '/cg', device: 'cgroup', flags: 0, ...changes };
  const b = new ProgramBuilder();
  compileMounts(b, { rootfs: '/r', mounts: [entry] }, { root: AT_FDCWD, cgroups });
  return b
    .build()
    .print()
    .map(({ text }) => text);
}

const having = (texts: readonly string[], part: string) => texts.filter((text) => text.includes(part));

describe('a mount of control groups', () => {
  it('is the hierarchy itself where version 2 is alone', () => {
    const texts = compile({ hierarchies: [unified], ownNamespace: true });
    expect(having(texts, 'fsopen').map((text) => /"(\w+)"/.exec(text)?.[1])).toEqual(['cgroup2']);
    expect(having(texts, 'clone3')).toEqual([]);
  });

  it('is a directory of hierarchies elsewhere, with a link for each of several controllers', () => {
    const both = { version: 1, controllers: ['cpu', 'cpuacct'], name: undefined } as const;
    const named = { version: 1, controllers: [], name: 'systemd' } as const;
    const texts = compile({ hierarchies: [both, named, unified], ownNamespace: true });
    expect(having(texts, 'fsopen').map((text) => /"(\w+)"/.exec(text)?.[1])).toEqual([
      'tmpfs',
      'cgroup',
      'cgroup',
      'cgroup2',
    ]);
    const made = having(texts, 'mkdirat(tmpfs').map((text) => /"([^"]+)"/.exec(text)?.[1]);
    expect(made).toEqual(['cpu,cpuacct', 'systemd', 'unified']);
    expect(having(texts, 'symlinkat')).toEqual([
      expect.stringMatching(/"cpu,cpuacct", .*"cpu"/),
      expect.stringMatching(/"cpu,cpuacct", .*"cpuacct"/),
    ]);
    expect(having(texts, 'FSCONFIG_SET_FLAG').map((text) => /"(\w+)"/.exec(text)?.[1])).toEqual([
      'cpu',
      'cpuacct',
      'none',
    ]);
  });

  it('is made by a child in a namespace of its own where the container has none', () => {
    const texts = compile({ hierarchies: [memory], ownNamespace: false });
    expect(having(texts, 'clone3')).toEqual([expect.stringContaining('CLONE_NEWCGROUP')]);
  });

  it('is read-only unless its data says rw', () => {
    const readonly = (changes: Partial<MountEntry>) =>
      having(compile({ hierarchies: [memory], ownNamespace: true }, changes), 'MOUNT_ATTR_RDONLY').length > 0;
    expect(readonly({})).toBe(true);
    expect(readonly({ data: 'ro', flags: MountFlag.MS_RDONLY })).toBe(true);
    expect(readonly({ data: 'rw' })).toBe(false);
  });

  it.each<[string, CgroupView | undefined, Partial<MountEntry>, string]>([
    ['a container without groups', undefined, {}, 'a cgroup mount needs control groups, and the container has none'],
    ['a host without groups', { hierarchies: [], ownNamespace: true }, {}, 'and the host has none mounted'],
    [
      'other options',
      { hierarchies: [memory], ownNamespace: true },
      { data: 'rw,size=1' },
      'is ro or rw, not rw,size=1',
    ],
    [
      'what contradicts itself',
      { hierarchies: [memory], ownNamespace: true },
      { data: 'rw', flags: MountFlag.MS_RDONLY },
      'cannot be read-only and rw',
    ],
    [
      'a name that leads elsewhere',
      { hierarchies: [{ version: 1, controllers: [], name: '..' }], ownNamespace: true },
      {},
      '".." cannot be the name of a directory',
    ],
  ])('refuses %s', (_, cgroups, changes, message) => {
    expect(() => compile(cgroups, changes)).toThrow(`mounts[0]: `);
    expect(() => compile(cgroups, changes)).toThrow(message);
    expect(() => compile(cgroups, changes)).toThrow(MountError);
  });
});

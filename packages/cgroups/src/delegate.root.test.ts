import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { delegateGroup, parseDelegateFiles } from './delegate.ts';
import { detectLayout } from './layout/layout.ts';
import { testName } from './testing/host.ts';

const { v2 } = detectLayout();

it('gives the directory and the files of the list, and no limit', ({ skip }) => {
  skip(!v2, 'host: cgroup v2 is not mounted');
  const path = `${v2!.mountPoint}/${testName()}`;
  mkdirSync(path);
  try {
    delegateGroup(path, { uid: 4711, gid: 4712 });
    const owners = (file: string) => {
      const { uid, gid } = statSync(`${path}/${file}`);
      return [uid, gid];
    };
    for (const file of ['', 'cgroup.procs', 'cgroup.threads', 'cgroup.subtree_control'])
      expect(owners(file)).toEqual([4711, 4712]);
    for (const file of ['cgroup.freeze', 'cgroup.max.depth', 'cgroup.events']) expect(owners(file)).toEqual([0, 0]);
    expect(() => delegateGroup(`${path}/none`, { uid: 1, gid: 1 })).toThrow('ENOENT');
  } finally {
    rmdirSync(path);
  }
});

it('reads the list', () => {
  expect(parseDelegateFiles('cgroup.procs\nmemory.reclaim\n../x\n')).toEqual(['cgroup.procs', 'memory.reclaim']);
});

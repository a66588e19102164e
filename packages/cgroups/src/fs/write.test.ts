import { expect, it } from 'vitest';
import { CgroupError } from '../error.ts';
import { fakeGroup, textOf } from '../testing/fake.ts';
import { hintFor } from './hints.ts';
import { applyWrites, undoLine } from './write.ts';

it('gives old values back when a later write is refused', () => {
  const group = fakeGroup({ a: 'old a\n', 'io.max': '8:0 rbps=1 wbps=max\n' });
  const undo = undoLine('8:0', (key) => `${key} rbps=max`);
  const writes = [
    { file: 'a', value: 'new', field: 'x' },
    { file: 'io.max', value: '8:0 rbps=5', field: 'y', undo },
    { file: 'missing', value: '1', field: 'z' },
  ];
  expect(() => applyWrites(group, writes)).toThrow(`z: write "1" to ${group.path}/missing: ENOENT`);
  expect(textOf(group, 'a')).toBe('old a');
  expect(textOf(group, 'io.max')).toBe('8:0 rbps=1 wbps=max');
});

it('can be taken back later', () => {
  const group = fakeGroup({ a: '1', b: '2' });
  const undo = applyWrites(group, [
    { file: 'a', value: '3', field: 'x' },
    { file: 'b', value: '4', field: 'y' },
  ]);
  undo();
  undo();
  expect([textOf(group, 'a'), textOf(group, 'b')]).toEqual(['1', '2']);
});

it('leaves out what the kernel has given up', () => {
  const group = fakeGroup();
  expect(() => applyWrites(group, [{ file: 'a', value: '1', field: 'x', ignore: ['ENOENT'] }])).not.toThrow();
});

it('says everything in its error', () => {
  try {
    fakeGroup().write('cpu.shares', '5', 'cpuShares');
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(CgroupError);
    expect(error).toMatchObject({
      code: 'ERR_CGROUP_IO',
      file: 'cpu.shares',
      data: '5',
      errno: 'ENOENT',
      field: 'cpuShares',
      hint: 'the group has not this file: its controller is missing or off',
    });
  }
});

it.each([
  ['cpu.cfs_quota_us', 'EINVAL', /at least 1000 us/],
  ['cpuset.cpus', 'EINVAL', /must exist/],
  ['memory.limit_in_bytes', 'EBUSY', /in use/],
  ['cgroup.procs', 'EPERM', /common parent/],
  ['cpu.weight', 'EROFS', /read-only/],
  ['cgroup.subtree_control', 'EBUSY', /with processes in it/],
])('knows a remedy for %s and %s', (file, errno, hint) => {
  expect(hintFor(file, errno)).toMatch(hint);
});

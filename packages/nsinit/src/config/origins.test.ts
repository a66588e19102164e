import { expect, it } from 'vitest';
import { flagsBehind } from './origins.ts';

const origins = [
  { field: 'cgroups.memory', flag: '--memory-limit' },
  { field: 'cgroups.cpu_shares', flag: '--cpushares' },
  { field: 'mounts[6]', flag: '--bind' },
  { field: 'mounts[7]', flag: '--tmpfs' },
  { field: 'namespaces', flag: '--net' },
];

it.each([
  ['cgroups.memory', ['--memory-limit']],
  ['cgroups.cpuShares', ['--cpushares']],
  ['mounts[6].source', ['--bind']],
  ['mounts[7]', ['--tmpfs']],
  ['mounts[8]', []],
  ['mounts', ['--bind', '--tmpfs']],
  ['namespaces[4].path', ['--net']],
  ['cgroups', ['--memory-limit', '--cpushares']],
  ['cgroups.memory_swap', []],
  [undefined, []],
])('for %s', (field, flags) => {
  expect(flagsBehind(field, origins)).toEqual(flags);
});

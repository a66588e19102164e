import { readdirSync } from 'node:fs';
import { constant } from '@nsinit/syscall';
import { expect, it } from 'vitest';
import { joinOrder, type NamespaceKind, namespaceKinds, namespacePath } from './kinds.ts';

it('knows every kind of namespace that the kernel has', () => {
  const files = readdirSync('/proc/self/ns').filter((name) => !name.endsWith('_for_children'));
  expect(
    Object.values(namespaceKinds)
      .map(({ file }) => file)
      .sort(),
  ).toEqual(files.sort());
});

it('has a flag of its own for each', () => {
  const flags = Object.values(namespaceKinds).map(({ flag }) => constant('clone', flag));
  expect(new Set(flags).size).toBe(flags.length);
});

it('names the files of a process', () => {
  expect(namespacePath(12, 'NEWNS')).toBe('/proc/12/ns/mnt');
  expect(namespacePath('self', 'NEWNET')).toBe('/proc/self/ns/net');
});

it('joins all of them, the mount namespace after all that are found by path', () => {
  expect([...joinOrder].sort()).toEqual((Object.keys(namespaceKinds) as NamespaceKind[]).sort());
  expect(joinOrder.at(-1)).toBe('NEWNS');
});

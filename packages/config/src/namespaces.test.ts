import { describe, expect, it } from 'vitest';
import {
  addNamespace,
  cloneFlags,
  containsNamespace,
  NAMESPACE_TYPES,
  namespacePath,
  removeNamespace,
} from './namespaces.ts';

describe('lists of namespaces', () => {
  it('removes a kind', () => {
    expect(removeNamespace([{ type: 'NEWNET' }], 'NEWNET')).toEqual([]);
    expect(removeNamespace(undefined, 'NEWNET')).toEqual([]);
  });

  it('appends a kind, and replaces the path of one that is there', () => {
    const list = addNamespace(undefined, 'NEWPID');
    expect(list).toEqual([{ type: 'NEWPID' }]);
    expect(addNamespace(list, 'NEWNET', '/run/netns/a')).toEqual([
      { type: 'NEWPID' },
      { type: 'NEWNET', path: '/run/netns/a' },
    ]);
    expect(addNamespace([{ type: 'NEWNET', path: '/a' }, { type: 'NEWNS' }], 'NEWNET')).toEqual([
      { type: 'NEWNET' },
      { type: 'NEWNS' },
    ]);
  });

  it('tells whether a kind is there', () => {
    expect(containsNamespace([{ type: 'NEWNET' }], 'NEWNET')).toBe(true);
    expect(containsNamespace([{ type: 'NEWNET' }], 'NEWUSER')).toBe(false);
    expect(containsNamespace(undefined, 'NEWUSER')).toBe(false);
  });

  it('sums the flags of new namespaces only', () => {
    expect(cloneFlags([{ type: 'NEWNS' }, { type: 'NEWPID' }, { type: 'NEWNET', path: '/run/netns/a' }])).toBe(
      0x20020000,
    );
    expect(cloneFlags(NAMESPACE_TYPES.map((type) => ({ type })))).toBe(0x7e020080);
  });

  it('keeps the historical order first', () => {
    expect(NAMESPACE_TYPES).toEqual([
      'NEWNET',
      'NEWPID',
      'NEWNS',
      'NEWUTS',
      'NEWIPC',
      'NEWUSER',
      'NEWCGROUP',
      'NEWTIME',
    ]);
  });

  it('names the file of a namespace', () => {
    expect(namespacePath({ type: 'NEWNS' }, 42)).toBe('/proc/42/ns/mnt');
    expect(namespacePath({ type: 'NEWNS', path: '/x' }, 42)).toBe('/x');
  });
});

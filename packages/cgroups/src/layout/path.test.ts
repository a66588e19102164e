import { describe, expect, it } from 'vitest';
import type { Hierarchy } from './layout.ts';
import { groupDirectory, pathComponents } from './path.ts';

const v1: Hierarchy = { version: 1, controllers: ['cpu', 'cpuacct'], mountPoint: '/cg/cpu', root: '/' };
const v2: Hierarchy = { version: 2, controllers: ['cpu'], mountPoint: '/cg', root: '/' };
const memberships = [
  { hierarchyId: 4, controllers: ['cpu', 'cpuacct'], path: '/job' },
  { hierarchyId: 0, controllers: [], path: '/user.slice/shell.scope' },
];

describe('groupDirectory', () => {
  it('takes an absolute parent from the root of the hierarchy', () => {
    expect(groupDirectory(v1, memberships, { parent: '/a/b', name: 'c' })).toBe('/cg/cpu/a/b/c');
    expect(groupDirectory(v2, memberships, { parent: '/a', name: 'c' })).toBe('/cg/a/c');
  });

  it('takes a relative parent from the group of this process on v1, and beside it on v2', () => {
    expect(groupDirectory(v1, memberships, { parent: 'a', name: 'c' })).toBe('/cg/cpu/job/a/c');
    expect(groupDirectory(v2, memberships, { name: 'c' })).toBe('/cg/user.slice/c');
    expect(groupDirectory(v2, [{ hierarchyId: 0, controllers: [], path: '/' }], { name: 'c' })).toBe('/cg/c');
  });

  it('sees its own group from the part that is mounted', () => {
    const part = { ...v1, root: '/job' };
    expect(groupDirectory(part, memberships, { name: 'c' })).toBe('/cg/cpu/c');
    const inside = [{ hierarchyId: 4, controllers: ['cpu', 'cpuacct'], path: '/job/x' }];
    expect(groupDirectory(part, inside, { name: 'c' })).toBe('/cg/cpu/x/c');
  });
});

describe('pathComponents', () => {
  it.each([
    ['../../etc', 'leaves its place'],
    ['/a/../b', 'leaves its place'],
    ['./a', 'leaves its place'],
    ['a\nb', 'line break'],
    ['a\0b', 'NUL byte'],
    ['x'.repeat(256), 'more than 255 bytes'],
    ['/', 'names no group'],
    ['', 'names no group'],
  ])('refuses %j', (parent, message) => {
    expect(() => pathComponents({ parent })).toThrow(message);
  });

  it('takes names with dots in them', () => {
    expect(pathComponents({ parent: '//a..b//', name: '.c' })).toEqual(['a..b', '.c']);
  });
});

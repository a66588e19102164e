import { expect, test } from 'vitest';
import { imports, leavesPackage, packageOf } from './sources.mjs';

test('every form of import and re-export is found, also over several lines', () => {
  const text = `
import { a,
  type B } from '@nsinit/syscall';
import type { C } from './c.ts';
import 'node:fs';
export * from '@nsinit/config';
export { d } from "double-quoted-is-not-ours";
const e = await import('koffi');
`;
  expect(imports(text)).toEqual(['@nsinit/syscall', './c.ts', 'node:fs', '@nsinit/config', 'koffi']);
});

test('what a comment shows is no import', () => {
  expect(imports("/** import { x } from '@nsinit/mount'; */\n// import y from 'z';\nconst a = 1;\n")).toEqual([]);
});

test('a specifier names its package', () => {
  expect(packageOf('@nsinit/config/schema.json')).toBe('@nsinit/config');
  expect(packageOf('koffi/indirect')).toBe('koffi');
  expect(packageOf('./a.ts')).toBeUndefined();
  expect(packageOf('node:fs')).toBeUndefined();
});

test('a relative specifier may not leave its package', () => {
  expect(leavesPackage('/r/packages/a', 'src/x/y.ts', '../../package.json')).toBe(false);
  expect(leavesPackage('/r/packages/a', 'src/x/y.ts', '../../../b/src/index.ts')).toBe(true);
  expect(leavesPackage('/r/packages/a', 'src/x/y.ts', '@nsinit/b')).toBe(false);
});

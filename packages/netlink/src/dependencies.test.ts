import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('depends on the system call package alone', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    dependencies: object;
  };
  expect(Object.keys(manifest.dependencies)).toEqual(['@nsinit/syscall']);
});

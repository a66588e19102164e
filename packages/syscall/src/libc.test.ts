import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { findKoffi } from './libc.ts';

const addon = `@koromix/koffi-linux-${process.arch}`;
const require = createRequire(import.meta.url);

/** `require` that notes what it is asked for, and fails for the addon. */
function failing(error: Error) {
  const asked: string[] = [];
  const find = (name: string): unknown => {
    asked.push(name);
    if (name === addon) throw error;
    return require(name);
  };
  return { asked, find };
}

it.each([addon, 'koffi'])('calls libc by %s', (name) => {
  const koffi = require(name) as ReturnType<typeof findKoffi>;
  expect((koffi.load(null).func('int getpid()') as () => number)()).toBe(process.pid);
});

it('takes the addon of this architecture, in the version of koffi', () => {
  const asked: string[] = [];
  const { version } = findKoffi((name) => {
    asked.push(name);
    return require(name);
  });
  expect(asked).toEqual([addon]);
  expect((require('koffi') as { version: string }).version).toBe(version);
});

it('takes koffi where the addon is not installed', () => {
  const { asked, find } = failing(Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' }));
  expect(findKoffi(find).load).toBeTypeOf('function');
  expect(asked).toEqual([addon, 'koffi']);
});

it('tells why an addon that is there cannot be loaded', () => {
  const { asked, find } = failing(Object.assign(new Error('invalid ELF header'), { code: 'ERR_DLOPEN_FAILED' }));
  expect(() => findKoffi(find)).toThrow('invalid ELF header');
  expect(asked).toEqual([addon]);
});

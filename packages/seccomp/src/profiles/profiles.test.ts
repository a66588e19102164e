import { describe, expect, test } from 'vitest';
import { compileFilter } from '../compile/compile.ts';
import { explain } from '../explain.ts';
import { formatAction } from '../model/action.ts';
import type { Filter } from '../model/filter.ts';
import { defaultProfile } from './default.ts';
import { LEVELS } from './levels.ts';

const outcome = (filter: Filter, syscall: string, ...args: (number | bigint)[]) =>
  formatAction(explain(filter, syscall, args, { machine: 'x64' }).action);

describe('the default profile', () => {
  const plain = defaultProfile();

  test.each(['read', 'openat', 'futex', 'execve', 'chown', 'vfork', 'statx'])('allows %s', (name) => {
    expect(outcome(plain, name)).toBe('ALLOW');
  });

  test.each([
    'mount',
    'ptrace',
    'bpf',
    'unshare',
    'init_module',
    'keyctl',
    'userfaultfd',
    'open_by_handle_at',
    'chroot',
  ])('denies %s', (name) => {
    expect(outcome(plain, name)).toBe('ERRNO(1)');
  });

  test('allows threads and processes, but no namespaces', () => {
    expect(outcome(plain, 'clone', 0x3d0f00)).toBe('ALLOW');
    expect(outcome(plain, 'clone', 0x10000000)).toBe('ERRNO(1)');
    expect(outcome(plain, 'clone', 0x20000 | 17)).toBe('ERRNO(1)');
    expect(outcome(plain, 'clone3')).toBe('ERRNO(38)');
  });

  test('is not deceived by the upper half of an int', () => {
    expect(outcome(plain, 'socket', 40)).toBe('ERRNO(97)');
    expect(outcome(plain, 'socket', 2n ** 32n + 40n)).toBe('ERRNO(97)');
    expect(outcome(plain, 'socket', 2n ** 32n + 2n)).toBe('ALLOW');
    expect(outcome(plain, 'personality', 0x0400000)).toBe('ERRNO(1)');
    expect(outcome(plain, 'personality', 0xffffffff)).toBe('ALLOW');
  });

  test('gives a capability what it is for', () => {
    const admin = defaultProfile({ capabilities: ['CAP_SYS_ADMIN', 'CAP_SYS_CHROOT'] });
    for (const name of ['mount', 'unshare', 'clone3', 'chroot']) expect(outcome(admin, name)).toBe('ALLOW');
    expect(outcome(admin, 'clone', 0x10000000)).toBe('ALLOW');
    expect(outcome(admin, 'ptrace')).toBe('ERRNO(1)');
  });

  test('says ENOSYS to what it does not know yet', () => {
    const newest = explain(plain, 473, [], { machine: 'x64' });
    expect(newest).toMatchObject({ action: { kind: 'ERRNO', errno: 38 }, cause: 'unknown' });
    expect(explain(plain, 'fchroot', [], { machine: 'x64' }).action).toEqual({ kind: 'ERRNO', errno: 1 });
  });

  test('kills other architectures unless they are asked for', () => {
    const options = { machine: 'x64', architecture: 'x86' } as const;
    expect(explain(plain, 'getpid', [], options).action.kind).toBe('KILL_PROCESS');
    expect(explain(defaultProfile({ compat: true }), 'getpid', [], options).action.kind).toBe('ALLOW');
  });

  test('is a short program', () => {
    expect(compileFilter(plain, { machine: 'x64' }).length).toBeLessThan(150);
    expect(compileFilter(plain, { machine: 'arm64' }).length).toBeLessThan(150);
  });
});

describe('levels', () => {
  const named = {
    high: [
      'capset',
      'chmod',
      'chown',
      'link',
      'linkat',
      'unlink',
      'unlinkat',
      'chroot',
      'setdomainname',
      'sethostname',
    ],
    medium: ['chroot', 'setdomainname', 'sethostname'],
    low: [],
  };
  const always = ['unshare', 'setns', 'mount', 'umount2', 'create_module', 'delete_module', 'kexec_load'];

  test.each(['high', 'medium', 'low'] as const)('%s denies what it names and nothing else', (name) => {
    for (const call of [...always, ...named[name]]) expect(outcome(LEVELS[name], call)).toBe('ERRNO(1)');
    for (const call of named.high.filter((other) => !named[name].includes(other as never)))
      expect(outcome(LEVELS[name], call)).toBe('ALLOW');
    expect(outcome(LEVELS[name], 'clone', 0x10000011)).toBe('ERRNO(1)');
    expect(outcome(LEVELS[name], 'clone', 0x11)).toBe('ALLOW');
    expect(outcome(LEVELS[name], 'clone3')).toBe('ERRNO(38)');
    expect(outcome(LEVELS[name], 'openat')).toBe('ALLOW');
  });
});

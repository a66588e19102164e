import { constants } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { supportOf } from './abi.ts';
import { LandlockError } from './error.ts';
import { describeUnenforced, negotiate } from './negotiate.ts';
import {
  ABI_KERNELS,
  bits,
  FILE_RIGHT_GROUPS,
  FILE_RIGHTS,
  type FileRight,
  LOG_FLAGS,
  NEWEST_ABI,
  PORT_RIGHTS,
  SCOPES,
} from './rights.ts';
import type { Ruleset } from './ruleset.ts';

const on = (abi: number) => ({ support: { abi } });
const everything: Ruleset = {
  paths: [{ paths: ['/'], access: ['read', 'execute'] }],
  ports: [{ port: 443, access: ['connect_tcp'] }],
  scopes: ['signal', 'abstract_unix_socket'],
  log: ['same_exec_off'],
};
const failure = (ruleset: unknown, abi = NEWEST_ABI): LandlockError => {
  try {
    negotiate(ruleset as Ruleset, on(abi));
  } catch (error) {
    if (error instanceof LandlockError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

describe('the tables', () => {
  it('have a kernel for every version', () => {
    expect(ABI_KERNELS).toHaveLength(NEWEST_ABI);
    for (const table of [FILE_RIGHTS, PORT_RIGHTS, SCOPES, LOG_FLAGS])
      for (const abi of Object.values(table)) expect(ABI_KERNELS[abi - 1]).toBeDefined();
  });

  it('have every name that the kernel has, and its bit', () => {
    const names = Object.keys(FILE_RIGHTS) as FileRight[];
    expect(names.map((name) => `LANDLOCK_ACCESS_FS_${name.toUpperCase()}`)).toEqual(Object.keys(constants.landlock_fs));
    expect(bits.file(names)).toBe(0xffff);
    expect(bits.file(['truncate', 'execute'])).toBe(0x4001);
    expect(bits.port(['bind_tcp', 'connect_tcp'])).toBe(3);
    expect(bits.scope(['signal'])).toBe(2);
    expect(bits.log(['same_exec_off', 'subdomains_off'])).toBe(5);
  });

  it('let the groups leave out nothing but device nodes', () => {
    const grouped: readonly string[] = [...FILE_RIGHT_GROUPS.read, ...FILE_RIGHT_GROUPS.write];
    expect(Object.keys(FILE_RIGHTS).filter((name) => !grouped.includes(name))).toEqual([
      'execute',
      'make_char',
      'make_block',
    ]);
  });
});

describe('a strict ruleset', () => {
  it('is enforced in full by the newest kernel', () => {
    const policy = negotiate(everything, on(NEWEST_ABI));
    expect(policy).toMatchObject({ abi: 7, unenforced: [], scopes: ['signal', 'abstract_unix_socket'] });
    expect(policy.handledFiles).toEqual(Object.keys(FILE_RIGHTS));
    expect(policy.paths).toEqual([
      { paths: ['/'], optional: false, rights: ['execute', 'read_file', 'read_dir'], field: 'paths[0]' },
    ]);
  });

  it.each([
    [6, 'log', 'same_exec_off (Linux 6.15)'],
    [5, 'scopes', 'signal (Linux 6.12), abstract_unix_socket (Linux 6.12)'],
    [4, 'handled_files', 'ioctl_dev (Linux 6.10)'],
    [3, 'handled_files', 'ioctl_dev (Linux 6.10), bind_tcp (Linux 6.7), connect_tcp (Linux 6.7)'],
    [2, 'handled_files', 'truncate (Linux 6.2)'],
    [1, 'handled_files', 'refer (Linux 5.19)'],
  ])('is refused by version %d: %s', (abi, field, names) => {
    const error = failure(everything, abi);
    expect(error.field).toBe(field);
    expect(error.message).toContain(`version ${abi} of this kernel cannot enforce ${names}`);
    expect(error.hint).toMatch(/best_effort/);
  });

  it('is refused without Landlock, and for the reason that there is none', () => {
    expect(() => negotiate(everything, { support: supportOf(-95) })).toThrow(/add landlock to lsm=/);
    expect(() => negotiate(everything, { support: supportOf(-38) })).toThrow(/built without/);
    expect(() => negotiate(everything, { support: supportOf(-1) })).toThrow(/EPERM.*seccomp/);
  });

  it('is refused by a version that it names itself', () => {
    expect(failure({ ...everything, abi: 3 }).message).toMatch(/with abi 3 cannot enforce.*raise abi/);
    expect(negotiate({ scopes: ['signal'], abi: 99 }, on(6)).abi).toBe(6);
  });
});

describe('a best effort', () => {
  it('leaves out what the kernel cannot, and tells it', () => {
    const policy = negotiate({ ...everything, mode: 'best_effort' }, on(2));
    expect(describeUnenforced(policy)).toBe(
      'truncate (Linux 6.2), ioctl_dev (Linux 6.10), bind_tcp (Linux 6.7), connect_tcp (Linux 6.7), ' +
        'signal (Linux 6.12), abstract_unix_socket (Linux 6.12), same_exec_off (Linux 6.15)',
    );
    expect(policy).toMatchObject({ abi: 2, handledPorts: [], ports: [], scopes: [], log: [] });
    expect(policy.handledFiles).toHaveLength(14);
  });

  it('gives no right that is not handled', () => {
    const mode = 'best_effort';
    const paths = [
      { paths: ['/a'], access: ['write'] as const },
      { paths: ['/b'], access: ['truncate'] as const },
    ];
    const policy = negotiate({ mode, paths }, on(1));
    expect(policy.paths).toHaveLength(1);
    expect(policy.paths[0]?.rights).not.toContain('truncate');
    expect(policy.paths[0]?.rights).not.toContain('refer');
  });

  it('does nothing without Landlock', () => {
    const policy = negotiate({ ...everything, mode: 'best_effort' }, on(0));
    expect(policy).toMatchObject({ abi: 0, handledFiles: [], paths: [], ports: [] });
    expect(policy.unenforced).toHaveLength(16 + 2 + 2 + 1);
  });
});

describe('a ruleset that makes no sense', () => {
  it.each<readonly [unknown, string, RegExp]>([
    [{}, '', /restricts nothing/],
    [{ handledFiles: [], paths: [] }, '', /restricts nothing/],
    [{ scopes: [] }, '', /restricts nothing/],
    [{ mode: 'lax', scopes: ['signal'] }, 'mode', /unknown name "lax"/],
    [{ abi: 0, scopes: ['signal'] }, 'abi', /0 is no version/],
    [{ scopes: ['signals'] }, 'scopes[0]', /unknown name "signals"/],
    [{ handledFiles: ['read'] }, 'handled_files[0]', /unknown name "read"/],
    [{ paths: [{ paths: [], access: ['read'] }] }, 'paths[0].paths', /no path/],
    [{ paths: [{ paths: ['a', ''], access: ['read'] }] }, 'paths[0].paths[1]', /"" is no path/],
    [{ paths: [{ paths: ['a\0'], access: ['read'] }] }, 'paths[0].paths[0]', /no path/],
    [{ paths: [{ paths: ['/'], access: [] }] }, 'paths[0].access', /no right/],
    [{ paths: [{ paths: ['/'], access: ['read', 'constructor'] }] }, 'paths[0].access[1]', /unknown name/],
    [
      { handledFiles: ['execute'], paths: [{ paths: ['/'], access: ['execute', 'refer'] }] },
      'paths[0].access[1]',
      /refer is not handled.*handled_files/,
    ],
    [{ ports: [{ port: 65536, access: ['bind_tcp'] }] }, 'ports[0].port', /65536 is no port/],
    [{ ports: [{ port: 1, access: ['bind_udp'] }] }, 'ports[0].access[0]', /unknown name "bind_udp"/],
    [
      { handledPorts: ['bind_tcp'], ports: [{ port: 1, access: ['connect_tcp'] }] },
      'ports[0].access[0]',
      /not handled.*handled_ports/,
    ],
  ])('%j', (ruleset, field, message) => {
    const error = failure(ruleset);
    expect(error.field).toBe(field);
    expect(error.message).toMatch(message);
  });
});

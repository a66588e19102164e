import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, type Mount, parseConfig } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import type { ContainerError } from './errors.ts';
import {
  capturedProcess,
  exec,
  failure,
  inUserNamespace,
  type Sandbox,
  start,
  type TestStartOptions,
  useSandbox,
} from './testing/sandbox.ts';

const box = useSandbox();

/** One cause of a failing start, and what its error must say. After each, nothing may be left. */
interface Case {
  readonly name: string;
  readonly config?: (box: Sandbox) => Partial<Config>;
  readonly args?: readonly string[];
  readonly options?: TestStartOptions;
  readonly says: { readonly [fact in 'code' | 'step' | 'path' | 'errno' | 'field' | 'exitCode' | 'message']?: unknown };
}

const bind = (box: Sandbox, mount: Partial<Mount>): Partial<Config> => ({
  mounts: [...box.config().mounts!, { source: '/', destination: '/tmp', device: 'bind', flags: 4096, ...mount }],
});

/** Few namespaces, and one of the network by its path. */
const joining = (path: string): Config['namespaces'] => {
  const namespaces = [{ type: 'NEWNS' }, { type: 'NEWNET', path }] as const;
  return inUserNamespace ? [...namespaces, { type: 'NEWUSER' }] : namespaces;
};

const text = (pattern: RegExp) => expect.stringMatching(pattern);

const cases: readonly Case[] = [
  {
    name: 'a missing root file system',
    config: ({ dir }) => ({ rootfs: join(dir, 'absent') }),
    says: {
      code: 'ConfigInvalid',
      field: 'rootfs',
      errno: 'ENOENT',
      path: text(/absent$/),
      message: text(/absent.*no such file/),
    },
  },
  {
    name: 'a root file system that is a symbolic link',
    config: ({ dir, rootfs }) => {
      rmSync(join(dir, 'link'), { force: true });
      symlinkSync(rootfs, join(dir, 'link'));
      return { rootfs: join(dir, 'link') };
    },
    says: { code: 'ConfigInvalid', field: 'rootfs', message: text(/link/) },
  },
  {
    name: 'an unknown user',
    options: { process: { user: 'nobody-here' } },
    says: { code: 'ConfigInvalid', field: 'user', step: text(/look up the user/), message: text(/nobody-here/) },
  },
  {
    name: 'an unknown group',
    config: () => ({ additionalGroups: ['audio', 'no-such-group'] }),
    says: { code: 'ConfigInvalid', field: 'additionalGroups', message: text(/no-such-group/) },
  },
  {
    name: 'a command that is not found',
    args: ['not-a-command'],
    says: {
      code: 'SystemError',
      field: 'args',
      errno: 'ENOENT',
      exitCode: 127,
      message: text(/not-a-command.*executable file not found in \$PATH/),
    },
  },
  {
    name: 'a path of a command that does not exist',
    args: ['/bin/not-a-command'],
    says: { code: 'SystemError', field: 'args', errno: 'ENOENT', exitCode: 127, path: '/bin/not-a-command' },
  },
  {
    name: 'a command that is not executable',
    args: ['/etc/passwd'],
    says: {
      code: 'SystemError',
      field: 'args',
      errno: 'EACCES',
      exitCode: 126,
      path: '/etc/passwd',
      step: text(/execute/),
    },
  },
  {
    name: 'a directory as command',
    args: ['/etc'],
    says: {
      code: 'SystemError',
      field: 'args',
      errno: 'EACCES',
      exitCode: 126,
      path: '/etc',
      message: text(/directory/),
    },
  },
  {
    name: 'a file that is no program',
    args: ['/etc/data'],
    config: ({ rootfs }) => {
      writeFileSync(join(rootfs, 'etc/data'), 'neither script nor ELF\n', { mode: 0o755 });
      return {};
    },
    says: { code: 'SystemError', field: 'args', errno: 'ENOEXEC', exitCode: 126, path: '/etc/data' },
  },
  {
    name: 'a script without its interpreter',
    args: ['/etc/script'],
    config: ({ rootfs }) => {
      writeFileSync(join(rootfs, 'etc/script'), '#!/usr/bin/missing-interpreter -x\n', { mode: 0o755 });
      return {};
    },
    says: { code: 'SystemError', errno: 'ENOENT', exitCode: 127, message: text(/\/usr\/bin\/missing-interpreter/) },
  },
  {
    name: 'a program without its ELF interpreter',
    args: ['/etc/dynamic'],
    config: ({ rootfs }) => {
      writeFileSync(join(rootfs, 'etc/dynamic'), dynamicProgram('/lib/ld-missing.so.1'), { mode: 0o755 });
      return {};
    },
    says: { code: 'SystemError', errno: 'ENOENT', exitCode: 127, message: text(/\/lib\/ld-missing\.so\.1/) },
  },
  {
    name: 'a bind mount without its source',
    config: (box) => bind(box, { source: join(box.dir, 'no-source') }),
    says: { code: 'SystemError', field: 'mounts[6]', errno: 'ENOENT', path: text(/no-source$/), step: text(/mount/) },
  },
  {
    name: 'a bind mount of a file onto a directory',
    config: (box) => bind(box, { source: '/etc/passwd' }),
    says: {
      code: 'SystemError',
      field: 'mounts[6]',
      errno: text(/ENOTDIR|EISDIR/),
      step: text(/\/tmp/),
      message: text(/directory/),
    },
  },
  {
    name: 'a mount of a file system that does not exist',
    config: (box) => bind(box, { source: 'none', device: 'no-such-fs', flags: 0 }),
    says: { code: 'ConfigInvalid', field: 'mounts[6].device', message: text(/no-such-fs/) },
  },
  {
    name: 'a namespace whose path does not exist',
    config: () => ({
      namespaces: joining('/run/netns/absent-namespace'),
      networks: [],
      hostname: '',
    }),
    says: { code: 'ConfigInvalid', field: 'namespaces[1].path', message: text(/absent-namespace/) },
  },
  {
    name: 'a namespace path that is none',
    config: () => ({
      namespaces: joining('/etc/hostname'),
      networks: [],
      hostname: '',
    }),
    says: { code: 'SystemError', field: 'namespaces[1]', errno: 'EINVAL', message: text(/\/etc\/hostname/) },
  },
  {
    name: 'an unknown capability',
    config: () => ({ capabilities: ['CHOWN', 'FLYING'] }),
    says: { code: 'ConfigInvalid', field: text(/^capabilities/), message: text(/FLYING/) },
  },
  {
    name: 'an unknown capability of the process',
    options: { process: { capabilities: ['FLYING'] } },
    says: { code: 'ConfigInvalid', field: text(/^capabilities/), message: text(/FLYING/) },
  },
  {
    name: 'a working directory that is a file',
    options: { process: { cwd: '/etc/passwd' } },
    says: { code: 'SystemError', field: 'cwd', errno: 'ENOTDIR', path: text(/passwd/) },
  },
  {
    name: 'no program at all',
    args: [],
    says: { code: 'ConfigInvalid', field: 'args' },
  },
  {
    name: 'an environment that is none',
    options: { process: { env: ['PATH=/bin', 'NOVALUE'] } },
    says: { code: 'ConfigInvalid', field: 'env', message: text(/NOVALUE/) },
  },
  {
    name: 'an argument with a NUL byte',
    args: ['echo', 'a\0b'],
    says: { code: 'ConfigInvalid', field: 'args[1]' },
  },
  {
    name: 'a system property that does not exist',
    config: () => ({ systemProperties: { 'kernel.no_such_thing': '1' } }),
    says: { field: text(/^system_?[pP]roperties/), message: text(/no_such_thing/) },
  },
];

/** A smallest ELF file: header, and a program header that names an interpreter. elf(5) */
function dynamicProgram(interpreter: string): Buffer {
  const name = Buffer.from(`${interpreter}\0`);
  const file = Buffer.alloc(64 + 2 * 56 + name.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(3, 16); // ET_DYN
  file.writeUInt16LE(process.arch === 'arm64' ? 183 : 62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(64n, 32); // e_phoff
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  for (const [index, [type, offset, size]] of (
    [
      [3, 176, name.length],
      [1, 0, file.length],
    ] as const
  ).entries()) {
    const at = 64 + index * 56;
    file.writeUInt32LE(type, at);
    file.writeUInt32LE(5, at + 4);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(offset), at + 16);
    file.writeBigUInt64LE(BigInt(size), at + 32);
    file.writeBigUInt64LE(BigInt(size), at + 40);
    file.writeBigUInt64LE(type === 1 ? 4096n : 1n, at + 48);
  }
  name.copy(file, 176);
  return file;
}

function expectFacts(error: ContainerError, says: Case['says']): void {
  expect(error).toMatchObject({ name: 'ContainerError', ...says });
  // A person reads one line.
  expect(error.message).not.toMatch(/\n|undefined|\[object/);
}

describe('a failing start', () => {
  it.for(cases)('names $name', async ({ config, args = ['true'], options, says }) => {
    const error = await failure(box().runContainer(box().config(config?.(box())), args, options));
    expectFacts(error, says);
  });

  it.for(cases.filter(({ config }) => !config))(
    'names $name in a container that runs',
    async ({ args = ['true'], options, says }) => {
      await box().using(box().config(), async (container) => {
        await start(container, ['sleep', '100']);
        expectFacts(await failure(exec(container, args, options)), says);
        expect(await container.processes()).toHaveLength(1);
      });
    },
  );

  it.for(cases.filter(({ config }) => !config))(
    'names $name without a supervisor',
    async ({ args = ['true'], options = {}, says }) => {
      expectFacts(await failure(box().runContainer(box().config(), args, { ...options, supervisor: false })), says);
    },
  );

  it('leaves a container that can be started', async () => {
    await box().using(box().config(), async (container) => {
      for (let i = 0; i < 3; i++) await failure(exec(container, ['not-a-command']));
      expect(await exec(container, ['true'])).toMatchObject({ status: 0 });
    });
  });

  it('can be tried again with the same process', async () => {
    await box().using(box().config(), async (container) => {
      const { process } = capturedProcess(['/etc/late']);
      await failure(container.start(process));
      writeFileSync(join(box().rootfs, 'etc/late'), '#!/bin/sh\nexit 9\n');
      chmodSync(join(box().rootfs, 'etc/late'), 0o755);
      await container.start(process);
      expect((await process.wait()).exitCode).toBe(9);
    });
  });

  it('shows everything in its detail', async () => {
    const error = await failure(box().runContainer(box().config(), ['/bin/absent']));
    expect(error.detail()).toMatch(
      /Code: System error\n(?:.*\n)*Step: .*\n(?:.*\n)*Errno: ENOENT\n(?:.*\n)*Caused by: StepError: .*execve\("\/bin\/absent"/,
    );
  });

  it('does not make the directory of a mount that fails on the host', async () => {
    mkdirSync(join(box().dir, 'other'), { recursive: true });
    await failure(
      box().runContainer(
        box().config(bind(box(), { source: 'none', device: 'no-such-fs', destination: '/../../other-made' })),
        ['true'],
      ),
    );
    expect(existsSync(join(box().dir, 'other-made'))).toBe(false);
  });
});

describe('a file that is no configuration', () => {
  it('names line and column', () => {
    expect(() => parseConfig('{\n  "rootfs": "/x",\n  "hostname" "y"\n}')).toThrow(/3.*14|line 3/);
  });

  it('names the unknown key, and what may have been meant', () => {
    expect(() => parseConfig('{"rootfs": "/x", "hostnam": "y"}')).toThrow(/hostnam.*hostname/);
  });
});

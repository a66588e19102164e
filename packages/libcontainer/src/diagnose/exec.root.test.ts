import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, copyFileSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, Mount } from '@nsinit/config';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContainerError } from '../errors.ts';
import { failure, type TestStartOptions, useSandbox } from '../testing/sandbox.ts';
import { makeElf } from './fixtures/elf-file.ts';

const box = useSandbox();
const MS_BIND = 4096;
const MS_NOEXEC = 8;
const machine = process.arch === 'x64' ? 62 : 183;
const foreign = process.arch === 'x64' ? 183 : 62;

const at = (path: string) => join(box().rootfs, path);

/** Makes a file of the container for one test. */
function put(path: string, content: string | Uint8Array = '', mode = 0o755): void {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), content);
  chmodSync(at(path), mode);
}

afterEach(() => rmSync(at('t'), { recursive: true, force: true }));

/** How a start fails. */
function failing(
  args: readonly string[],
  config: Partial<Config> = {},
  options: TestStartOptions['process'] = {},
): Promise<ContainerError> {
  return failure(box().runContainer(box().config(config), args, { process: options }));
}

const bind = (source: string, destination: string, flags = MS_BIND): Mount => ({
  device: 'bind',
  source,
  destination,
  flags,
});

describe('each cause that keeps a program from being executed has a message of its own', () => {
  const loader = (interpreter: string, of = machine) =>
    makeElf({ bits: 64, littleEndian: true, machine: of, type: 3, interpreter });
  const cases: readonly {
    readonly cause: string;
    readonly prepare?: () => void;
    readonly args?: readonly string[];
    readonly config?: () => Partial<Config>;
    readonly process?: TestStartOptions['process'];
    readonly message: string | RegExp;
    readonly errno: string;
    readonly exitCode: 126 | 127;
  }[] = [
    {
      cause: 'command not found',
      args: ['nope'],
      message: 'exec: "nope": executable file not found in $PATH',
      errno: 'ENOENT',
      exitCode: 127,
    },
    {
      cause: 'no file at the path',
      args: ['/bin/nope'],
      message: 'exec: "/bin/nope": no such file or directory',
      errno: 'ENOENT',
      exitCode: 127,
    },
    {
      cause: 'dangling link',
      prepare: () => {
        mkdirSync(at('t'));
        symlinkSync('/opt/tool', at('t/x'));
      },
      message: 'exec: "/t/x": no such file or directory: /t/x is a symbolic link to /opt/tool, and /opt does not exist',
      errno: 'ENOENT',
      exitCode: 127,
    },
    {
      cause: 'not executable by anybody',
      prepare: () => put('t/x', '#!/bin/sh\n', 0o644),
      message: 'exec: "/t/x": permission denied: mode 0644, owner 0:0, lets nobody execute it',
      errno: 'EACCES',
      exitCode: 126,
    },
    {
      cause: 'not executable by this user',
      prepare: () => put('t/x', '#!/bin/sh\n', 0o700),
      process: { user: 'user', capabilities: [] },
      message: 'exec: "/t/x": permission denied: mode 0700, owner 0:0, does not let user 1000 (group 1000) execute it',
      errno: 'EACCES',
      exitCode: 126,
    },
    {
      cause: 'in PATH, but not executable',
      prepare: () => put('t/x', '', 0o644),
      args: ['x'],
      process: { env: ['PATH=/bin:/t:/usr/bin'] },
      message: 'exec: "/t/x": permission denied: mode 0644, owner 0:0, lets nobody execute it',
      errno: 'EACCES',
      exitCode: 126,
    },
    {
      cause: 'a directory',
      args: ['/etc'],
      message: 'exec: "/etc": permission denied: it is a directory',
      errno: 'EACCES',
      exitCode: 126,
    },
    {
      cause: 'a directory above that may not be searched',
      prepare: () => {
        put('t/shut/bin/x', '#!/bin/sh\n');
        chmodSync(at('t/shut'), 0o700);
      },
      args: ['/t/shut/bin/x'],
      process: { user: 'user', capabilities: [] },
      message:
        'exec: "/t/shut/bin/x": permission denied: directory /t/shut: mode 0700, owner 0:0, does not let user 1000 (group 1000) search it',
      errno: 'EACCES',
      exitCode: 126,
    },
    {
      cause: 'a file in place of a directory',
      args: ['/etc/passwd/x'],
      message: 'exec: "/etc/passwd/x": not a directory: /etc/passwd is not a directory',
      errno: 'ENOTDIR',
      exitCode: 126,
    },
    {
      cause: 'a mount with noexec',
      prepare: () => {
        put('t/x', '#!/bin/sh\n');
        put('t/mounted/.keep');
      },
      args: ['/t/mounted/x'],
      config: () => ({ mounts: [...box().config().mounts!, bind(at('t'), '/t/mounted', MS_BIND | MS_NOEXEC)] }),
      message:
        /^exec: "\/t\/mounted\/x": permission denied: it lies on the mount \/t\/mounted \(\w+\), which has the option noexec$/,
      errno: 'EACCES',
      exitCode: 126,
    },
    {
      cause: 'a missing interpreter of a script',
      prepare: () => put('t/x', '#!/usr/bin/python3\n'),
      message: 'exec: "/t/x": no such file or directory: its interpreter /usr/bin/python3 does not exist',
      errno: 'ENOENT',
      exitCode: 127,
    },
    {
      cause: 'line ends of Windows',
      prepare: () => put('t/x', '#!/bin/sh\r\necho\r\n'),
      message:
        'exec: "/t/x": no such file or directory: its #! line names /bin/sh with a carriage return at its end, as Windows ends lines',
      errno: 'ENOENT',
      exitCode: 127,
    },
    {
      cause: 'an interpreter that is not executable',
      prepare: () => {
        put('t/i', '', 0o600);
        put('t/x', '#!/t/i\n');
      },
      message:
        'exec: "/t/x": permission denied: its interpreter /t/i cannot be used: mode 0600, owner 0:0, lets nobody execute it',
      errno: 'EACCES',
      exitCode: 126,
    },
    {
      cause: 'a missing loader',
      prepare: () => put('t/x', loader('/lib64/ld-linux-none.so.2')),
      message: 'exec: "/t/x": no such file or directory: its ELF interpreter /lib64/ld-linux-none.so.2 does not exist',
      errno: 'ENOENT',
      exitCode: 127,
    },
    {
      cause: 'another architecture',
      prepare: () => put('t/x', makeElf({ bits: 64, littleEndian: true, machine: foreign, type: 2 })),
      message:
        /^exec: "\/t\/x": exec format error: it is a program for (aarch64, and this host is x86_64|x86_64, and this host is aarch64)$/,
      errno: 'ENOEXEC',
      exitCode: 126,
    },
    {
      cause: 'an empty file',
      prepare: () => put('t/x'),
      message: 'exec: "/t/x": exec format error: the file is empty',
      errno: 'ENOEXEC',
      exitCode: 126,
    },
    {
      cause: 'a script without its first line',
      prepare: () => put('t/x', 'echo hello\n'),
      message: 'exec: "/t/x": exec format error: it is a text file without an interpreter',
      errno: 'ENOEXEC',
      exitCode: 126,
    },
    {
      cause: 'links in a circle',
      prepare: () => {
        mkdirSync(at('t'));
        symlinkSync('x', at('t/x'));
      },
      message: /^exec: "\/t\/x": too many levels of symbolic links: symbolic links lead too far, from \/t\/x to x/,
      errno: 'ELOOP',
      exitCode: 126,
    },
    {
      cause: 'a name that is too long',
      args: [`/${'x'.repeat(256)}`],
      message: /^exec: "\/x+": file name too long: a name in it has 256 bytes, 255 are possible$/,
      errno: 'ENAMETOOLONG',
      exitCode: 126,
    },
    {
      cause: 'an argument that is too long',
      args: ['/bin/true', 'x'.repeat(131_072)],
      message: 'exec: "/bin/true": argument list too long: args[1] has 131072 bytes, one string may have 131071',
      errno: 'E2BIG',
      exitCode: 126,
    },
    {
      cause: 'file capabilities that are not to be had',
      prepare: () => {
        mkdirSync(at('t'));
        copyFileSync(at('bin/busybox'), at('t/x'));
        execFileSync('setcap', ['cap_sys_time+ep', at('t/x')]);
      },
      message:
        'exec: "/t/x": operation not permitted: its file capabilities need CAP_SYS_TIME, which the bounding set of the process does not have',
      errno: 'EPERM',
      exitCode: 126,
    },
  ];

  it.each(cases)('$cause', async ({ prepare, args = ['/t/x'], config, process, message, errno, exitCode }) => {
    prepare?.();
    const error = await failing(args, config?.(), process);
    expect(error.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(error).toMatchObject({ errno, exitCode, field: 'args' });
    expect(error.step).toMatch(/^exec/);
    expect(error.cause).toMatchObject({ name: 'StepError' });
  });

  it('text file busy', async () => {
    put('t/x', '#!/bin/sh\n');
    const open = openSync(at('t/x'), 'r+');
    try {
      expect(await failing(['/t/x'])).toMatchObject({
        message: 'exec: "/t/x": text file busy: the file is open for writing',
        exitCode: 126,
      });
    } finally {
      closeSync(open);
    }
  });

  it('in a user namespace, in its own numbers', async () => {
    put('t/x', '#!/bin/sh\n', 0o700);
    const maps = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    execFileSync('chown', ['-R', '100005:100006', at('t')]);
    const options = { user: '1000:1000', capabilities: [] };
    const error = await failure(box().runContainer(box().mapped(maps), ['/t/x'], { process: options }));
    expect(error.message).toBe(
      'exec: "/t/x": permission denied: mode 0700, owner 5:6, does not let user 1000 (group 1000) execute it',
    );
  });
});

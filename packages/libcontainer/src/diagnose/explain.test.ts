import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileAmbient, compileBounding, compileSets } from '@nsinit/capabilities';
import { StepError } from '@nsinit/namespaces';
import { AT_FDCWD, type ErrnoName, errnos, fdAt, ProgramBuilder } from '@nsinit/syscall';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContainerError } from '../errors.ts';
import { compileExecute } from '../program/execute.ts';
import { explainStepError } from './explain.ts';
import type { ExplainContext } from './failure.ts';

let rootfs: string;

beforeEach(() => {
  rootfs = mkdtempSync(join(tmpdir(), 'nsinit-explain-'));
  chmodSync(rootfs, 0o755);
  mkdirSync(join(rootfs, 'bin'));
});

afterEach(() => rmSync(rootfs, { recursive: true, force: true }));

/** The error of the last step of a program, as nsexec reports it. */
function failed(
  write: (b: ProgramBuilder) => void,
  errno: ErrnoName | 0,
  { value = 0n, detail = '', step = -1 }: { value?: bigint; detail?: string; step?: number } = {},
): StepError {
  const b = new ProgramBuilder();
  write(b);
  return new StepError(b.build().print().at(step)!, errno === 0 ? 0 : errnos[errno], value, detail);
}

function explain(error: StepError, context: Partial<ExplainContext> = {}): ContainerError {
  return explainStepError(error, {
    rootfs,
    args: ['true'],
    env: ['PATH=/bin'],
    uid: 0,
    gid: 0,
    groups: [],
    ...context,
  });
}

describe('a program that cannot be executed', () => {
  const execute =
    (args: readonly string[], env: readonly string[] = ['PATH=/bin:/usr/bin']) =>
    (b: ProgramBuilder) =>
      compileExecute(b, args, env);

  it('is not in PATH', () => {
    const error = explain(failed(execute(['x']), 'ENOENT'), { args: ['x'], env: ['PATH=/bin:/usr/bin'] });
    expect(error).toMatchObject({
      message: 'exec: "x": executable file not found in $PATH',
      exitCode: 127,
      errno: 'ENOENT',
      field: 'args',
      hint: 'PATH is /bin:/usr/bin',
    });
    expect(explain(failed(execute(['x'], []), 'ENOENT'), { args: ['x'], env: [] }).hint).toMatch(/has no PATH/);
  });

  it('is not at its path', () => {
    const error = explain(failed(execute(['/bin/x']), 'ENOENT'), { args: ['/bin/x'] });
    expect(error).toMatchObject({
      message: 'exec: "/bin/x": no such file or directory',
      exitCode: 127,
      path: '/bin/x',
    });
  });

  it('is in PATH and cannot be executed: the file is named', () => {
    writeFileSync(join(rootfs, 'bin/tool'), '#!/bin/sh\n', { mode: 0o644 });
    const error = explain(failed(execute(['tool']), 'EACCES', { step: -2 }), { args: ['tool'] });
    expect(error.message).toMatch(
      /^exec: "\/bin\/tool": permission denied: mode 0644, owner \d+:\d+, lets nobody execute it$/,
    );
    expect(error).toMatchObject({ exitCode: 126, path: '/bin/tool', hint: 'chmod +x /bin/tool' });
  });

  it('is in PATH and its interpreter is missing', () => {
    writeFileSync(join(rootfs, 'bin/tool'), '#!/bin/python3\n', { mode: 0o755 });
    const error = explain(failed(execute(['tool']), 'ENOENT'), { args: ['tool'] });
    expect(error).toMatchObject({
      message: 'exec: "/bin/tool": no such file or directory: its interpreter /bin/python3 does not exist',
      exitCode: 127,
      path: '/bin/python3',
    });
  });

  it('gets too many arguments', () => {
    const args = ['/bin/x', 'y'.repeat(200_000)];
    const error = explain(failed(execute(args), 'E2BIG'), { args, env: [] });
    expect(error).toMatchObject({
      message: 'exec: "/bin/x": argument list too long: args[1] has 200000 bytes, one string may have 131071',
      exitCode: 126,
    });
    const env = [`BIG=${'y'.repeat(200_000)}`];
    expect(explain(failed(execute(['/bin/x'], env), 'E2BIG'), { args: ['/bin/x'], env }).message).toMatch(
      /the variable BIG has 200004 bytes/,
    );
  });

  it('is being written', () => {
    const error = explain(failed(execute(['/bin/x']), 'ETXTBSY'), { args: ['/bin/x'] });
    expect(error).toMatchObject({
      message: 'exec: "/bin/x": text file busy: the file is open for writing',
      exitCode: 126,
    });
  });

  it('is refused although nothing can be seen in its way', () => {
    writeFileSync(join(rootfs, 'bin/ok'), '', { mode: 0o755 });
    const error = explain(failed(execute(['/bin/ok']), 'EACCES'), { args: ['/bin/ok'] });
    expect(error.message).toMatch(/^exec: "\/bin\/ok": permission denied/);
    expect(error.hint).toMatch(/access control list|denied/i);
  });
});

describe('mounts', () => {
  const mountStep =
    (write: (b: ProgramBuilder) => void, what: string, field = 'mounts[2]') =>
    (b: ProgramBuilder) =>
      b.because({ what, field }, () => write(b));

  it('names a missing bind source', () => {
    const source = join(rootfs, 'none/data');
    const error = explain(
      failed(
        mountStep(
          (b) => b.call('open_tree', { dirfd: AT_FDCWD, path: source, flags: ['OPEN_TREE_CLONE'] }),
          `mount ${source} on /data`,
        ),
        'ENOENT',
      ),
    );
    expect(error).toMatchObject({
      message: `mounts[2]: mount ${source} on /data: bind source ${source}: ${rootfs}/none does not exist`,
      field: 'mounts[2]',
      path: source,
      errno: 'ENOENT',
      exitCode: undefined,
    });
  });

  it('says which of source and destination is the directory', () => {
    const what = '/etc/hosts is a file, but /etc is a directory';
    const error = explain(
      failed(
        mountStep((b) => b.fail({ what, errno: errnos.EISDIR }), 'mount'),
        'EISDIR',
      ),
    );
    expect(error).toMatchObject({ message: `mounts[2]: ${what}`, path: '/etc' });
  });

  it('tells an unknown file system from others', () => {
    const error = explain(
      failed(
        mountStep((b) => b.call('fsopen', { fsname: 'nopefs', flags: [] }), 'mount nopefs on /x'),
        'ENODEV',
      ),
    );
    expect(error.message).toBe('mounts[2]: mount nopefs on /x: the kernel has no file system nopefs');
  });

  it('gives the words of the kernel about an option', () => {
    const set = (b: ProgramBuilder) =>
      b.call('fsconfig', { fd: fdAt(3), cmd: 'FSCONFIG_SET_STRING', key: 'size', value: 'x,y' });
    const error = explain(
      failed(mountStep(set, 'mount tmpfs on /x'), 'EINVAL', { detail: "e tmpfs: Bad value for 'size'" }),
    );
    expect(error.message).toBe("mounts[2]: mount tmpfs on /x: option size=x,y is refused: tmpfs: Bad value for 'size'");
  });

  it('names the link in the way of procfs', () => {
    symlinkSync('/tmp', join(rootfs, 'proc'));
    const open = (b: ProgramBuilder) =>
      b.call('openat2', {
        dirfd: fdAt(3),
        pathname: '/proc',
        how: { flags: ['O_PATH'], resolve: ['RESOLVE_NO_SYMLINKS'] },
      });
    const error = explain(failed(mountStep(open, 'mount proc on /proc'), 'ELOOP'));
    expect(error).toMatchObject({
      message: 'mounts[2]: mount proc on /proc: /proc is a symbolic link to /tmp, where no link is allowed',
      path: '/proc',
    });
  });

  it('tells how a command ended and what it printed last', () => {
    const field = 'mounts[0].premountCmds[1]';
    const ended = mountStep(
      (b) => b.fail({ what: '/bin/prepare ended with an exit status other than 0', errno: errnos.ECANCELED }),
      'x',
      field,
    );
    const error = explain(failed(ended, 'ECANCELED', { value: 3n }), { commandOutput: 'one\nno space left\n\n' });
    expect(error).toMatchObject({
      message: `${field}: /bin/prepare ended with exit status 3: no space left`,
      hint: 'it printed: one | no space left',
      exitCode: undefined,
    });
    const killed = mountStep(
      (b) => b.fail({ what: '/bin/prepare was ended by a signal', errno: errnos.ECANCELED }),
      'x',
      field,
    );
    expect(explain(failed(killed, 'ECANCELED', { value: 9n })).message).toBe(
      `${field}: /bin/prepare was ended by SIGKILL and printed nothing`,
    );
  });
});

describe('the root file system', () => {
  const open = (path: string) => (b: ProgramBuilder) => {
    b.call(
      'openat2',
      { dirfd: AT_FDCWD, pathname: path, how: { flags: ['O_PATH', 'O_DIRECTORY'], resolve: ['RESOLVE_NO_SYMLINKS'] } },
      { what: 'make the root file system a mount of its own', field: 'rootfs' },
    );
  };

  it('does not exist', () => {
    const path = join(rootfs, 'none');
    expect(explain(failed(open(path), 'ENOENT'), { rootfs: path })).toMatchObject({
      message: `rootfs: make the root file system a mount of its own: ${path} does not exist`,
      path,
      field: 'rootfs',
    });
  });

  it('is a file, or reached by a link', () => {
    const file = join(rootfs, 'file');
    writeFileSync(file, '');
    expect(explain(failed(open(file), 'ENOTDIR'), { rootfs: file }).message).toMatch(/file is not a directory$/);
    const link = join(rootfs, 'link');
    symlinkSync('bin', link);
    expect(explain(failed(open(link), 'ELOOP'), { rootfs: link }).message).toMatch(/\/link is a symbolic link to bin$/);
  });
});

describe('other steps', () => {
  it('names the resource limit', () => {
    const step = (hard: bigint) => (b: ProgramBuilder) => {
      b.call(
        'prlimit64',
        { pid: 0, resource: 7, new_limit: { rlim_cur: 1, rlim_max: hard }, old_limit: null },
        { what: 'limit RLIMIT_NOFILE', field: 'rlimits[0]' },
      );
    };
    expect(explain(failed(step(2n ** 63n), 'EPERM')).message).toMatch(
      /RLIMIT_NOFILE: the hard limit 9223372036854775808 is above fs.nr_open, which is \d+$/,
    );
    expect(explain(failed(step(0n), 'EINVAL')).message).toMatch(/the soft limit 1 is above the hard limit 0$/);
  });

  it('names a sysctl that does not exist, and a value that is none', () => {
    const reason = { what: 'set kernel.nope to "1"', field: 'systemProperties["kernel.nope"]' };
    const open = failed(
      (b) =>
        b.because(reason, () =>
          b.call('openat2', { dirfd: fdAt(3), pathname: 'sys/kernel/nope', how: { flags: ['O_WRONLY'] } }),
        ),
      'ENOENT',
    );
    expect(explain(open)).toMatchObject({
      message: expect.stringMatching(/: there is no sysctl kernel\.nope in this kernel/),
      path: '/proc/sys/kernel/nope',
    });
    const write = failed(
      (b) => b.because(reason, () => b.call('write', { fd: fdAt(3), buf: b.string('x') })),
      'EINVAL',
    );
    expect(explain(write).message).toMatch(/the kernel does not take this value for kernel\.nope$/);
  });

  it('says that a name is too long', () => {
    const name = 'h'.repeat(65);
    const error = explain(
      failed((b) => b.call('sethostname', { name }, { what: 'set the host name', field: 'hostname' }), 'EINVAL'),
    );
    expect(error.message).toBe('hostname: set the host name: the name has 65 bytes, 64 are possible');
  });

  it('names the working directory', () => {
    const open = failed(
      (b) =>
        b.call(
          'openat2',
          { dirfd: fdAt(3), pathname: '/srv/app', how: { flags: ['O_PATH'] } },
          { what: 'go to the working directory /srv/app', field: 'cwd' },
        ),
      'ENOENT',
    );
    expect(explain(open, { cwd: '/srv/app' })).toMatchObject({
      message: 'cwd: go to the working directory /srv/app: /srv does not exist',
      field: 'cwd',
    });
  });

  it('says what kind of namespace a path is', () => {
    const step = failed(
      (b) =>
        b.call(
          'setns',
          { fd: fdAt(4, 'net'), nstype: ['CLONE_NEWNET'] },
          { what: 'join the namespace /proc/self/ns/uts', field: 'namespaces[1]' },
        ),
      'EINVAL',
    );
    expect(explain(step).message).toBe(
      'namespaces[1]: join the namespace /proc/self/ns/uts: /proc/self/ns/uts is a namespace of kind uts, not net',
    );
    const file = failed(
      (b) => b.call('setns', { fd: fdAt(4), nstype: ['CLONE_NEWNET'] }, { what: 'join the namespace /etc/passwd' }),
      'EINVAL',
    );
    expect(explain(file).message).toMatch(/\/etc\/passwd is not the file of a namespace$/);
  });

  it('names what is missing for capabilities', () => {
    const none = { effective: 0n, permitted: 0n, inheritable: 0n };
    const sets = failed((b) => compileSets(b, { ...none, permitted: 1n << 60n }), 'EPERM');
    expect(explain(sets).message).toMatch(/the process does not have CAP_60 itself and cannot give it to the program$/);
    const ambient = failed((b) => compileAmbient(b, 1n << 60n), 'EPERM');
    expect(explain(ambient)).toMatchObject({
      message: expect.stringMatching(/: CAP_60 is not permitted and not inheritable, so that it cannot be ambient$/),
      hint: 'add it to the permitted and inheritable set too',
      field: 'capabilities',
    });
    const drop = failed((b) => compileBounding(b, 0n, { lastCapability: 63 }), 'EINVAL');
    expect(explain(drop).message).toMatch(/: the kernel has no capability 63$/);
  });

  it('says how clone3 was refused', () => {
    const clone = (errno: ErrnoName) =>
      explain(
        failed(
          (b) =>
            b.call(
              'clone3',
              { cl_args: { flags: ['CLONE_NEWNET', 'CLONE_NEWUTS', 'CLONE_PIDFD'], exit_signal: 17 } },
              { what: 'create the process in its namespaces', field: 'namespaces' },
            ),
          errno,
        ),
      ).message;
    const about = 'namespaces: create the process in its namespaces: ';
    expect(clone('ENOSPC')).toMatch(/user\.max_uts_namespaces is \d+.*user\.max_net_namespaces is \d+$/);
    expect(clone('EUSERS')).toBe(`${about}user namespaces can be nested 32 deep at most`);
    expect(clone('EAGAIN')).toMatch(/: resource temporarily unavailable: .*(?:RLIMIT_NPROC is|pids\.max is)/);
    expect(clone('ENOSYS')).toMatch(/hides clone3$/);
    expect(clone('EPERM')).toMatch(/CAP_SYS_ADMIN|operation not permitted/);
  });

  it('names the id that is not mapped', () => {
    const step = failed(
      (b) => b.call('setgroups', { list: [0, 2 ** 32 - 1] }, { what: 'take the groups', field: 'user' }),
      'EINVAL',
    );
    expect(explain(step).message).toMatch(/: group 4294967295 is not mapped in the user namespace, which has /);
  });

  it('recommends another way than pivot_root where that cannot work', () => {
    const step = failed(
      (b) =>
        b.call(
          'pivot_root',
          { new_root: '.', put_old: '.' },
          { what: 'make the root file system the root', field: 'rootfs' },
        ),
      'EINVAL',
    );
    expect(explain(step)).toMatchObject({ hint: 'set noPivotRoot to true', field: 'rootfs', errno: 'EINVAL' });
  });

  it('keeps the failed step as the cause and everything on one line', () => {
    const step = failed((b) => b.call('chdir', { path: '/' }, { what: 'go to\nnowhere', field: 'x' }), 'EIO', {
      detail: 'a\x1b[1mb',
    });
    const error = explain(step);
    expect(error).toBeInstanceOf(ContainerError);
    expect(error.cause).toBe(step);
    expect(error.message).toBe('x: go to\\x0anowhere: chdir: input/output error: a\\x1b[1mb');
    expect(error.step).toBe('go to\nnowhere');
  });
});

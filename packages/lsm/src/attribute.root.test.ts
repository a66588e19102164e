import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, planLaunch } from '@nsinit/namespaces';
import { AT_FDCWD, Fd, invoke, type ProgramBuilder } from '@nsinit/syscall';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileAttribute } from './attribute.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nsinit-lsm-'));
  writeFileSync(join(dir, 'fake'), 'untouched');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Writes an attribute whose effect can be seen without a security module, then tells the process's own value. */
async function write(prepare: (b: ProgramBuilder) => void, names: readonly [string, ...string[]], value = '321') {
  using output = new Fd(invoke('memfd_create', { name: 'output', flags: ['MFD_CLOEXEC'] }));
  using input = new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: '/dev/null', flags: ['O_RDWR', 'O_CLOEXEC'] }));
  const script = `exec 2>&1; mkdir ${dir}/proc && mount -t proc proc ${dir}/proc && cat ${dir}/proc/self/oom_score_adj`;
  const argv = ['/bin/busybox', 'sh', '-c', script];
  const plan = planLaunch({ newNamespaces: ['NEWNS'] }, (b) => {
    mount(b, null, '/', null, ['MS_REC', 'MS_PRIVATE']);
    prepare(b);
    const refusals = [{ errno: 'EINVAL', what: 'it is not taken' }] as const;
    compileAttribute(b, { names, text: value, refusals });
    b.call('execve', { pathname: argv[0]!, argv, envp: [] });
  });
  const started = await launch(plan, { stdio: [input, output, output] });
  await started.exited;
  started.close();
  const buf = Buffer.alloc(4096);
  return buf.toString('utf8', 0, invoke('pread64', { fd: output, buf, offset: 0 })).trim();
}

type MountArgs = [
  source: string | null,
  target: string,
  type: string | null,
  flags: readonly ('MS_REC' | 'MS_PRIVATE' | 'MS_BIND' | 'MS_RDONLY' | 'MS_REMOUNT')[],
];
function mount(b: ProgramBuilder, ...[source, target, filesystemtype, mountflags]: MountArgs): void {
  b.call('mount', { source, target, filesystemtype, mountflags, data: null });
}

const attribute = ['oom_score_adj'] as const;
const nothing = () => {};

it('writes to the procfs on /proc', async () => {
  expect(await write(nothing, attribute)).toBe('321');
});

it('takes the older name where the newer one is not there', async () => {
  expect(await write(nothing, ['attr/no_such_module/exec', 'oom_score_adj'])).toBe('321');
});

it.each<readonly [string, (b: ProgramBuilder) => void]>([
  [
    'a tmpfs',
    (b) => {
      mount(b, 'tmpfs', '/proc', 'tmpfs', []);
      b.call('mkdirat', { dirfd: AT_FDCWD, pathname: '/proc/thread-self', mode: 0o755 });
      b.call('openat', {
        dirfd: AT_FDCWD,
        pathname: '/proc/thread-self/oom_score_adj',
        flags: ['O_CREAT', 'O_CLOEXEC'],
        mode: 0o644,
      });
    },
  ],
  ['a directory of procfs', (b) => mount(b, '/proc/self', '/proc', null, ['MS_BIND'])],
  ['a procfs that is read-only', (b) => mount(b, null, '/proc', null, ['MS_BIND', 'MS_REMOUNT', 'MS_RDONLY'])],
  [
    'a procfs with a file over the attribute',
    (b) => mount(b, join(dir, 'fake'), '/proc/thread-self/oom_score_adj', null, ['MS_BIND']),
  ],
  ['a procfs with a directory over the process', (b) => mount(b, dir, '/proc/thread-self', null, ['MS_BIND'])],
])('is not deceived by %s on /proc', async (_, prepare) => {
  expect(await write(prepare, attribute)).toBe('321');
  expect(readFileSync(join(dir, 'fake'), 'utf8')).toBe('untouched');
});

it('tells what it means that the kernel does not take the text', async () => {
  await expect(write(nothing, attribute, 'what')).rejects.toThrow(/it is not taken/);
  await expect(write(nothing, ['attr/no_such_module/exec'])).rejects.toThrow(/ENOENT/);
});

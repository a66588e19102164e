import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch, planLaunch } from '@nsinit/namespaces';
import { AT_FDCWD, Fd, invoke } from '@nsinit/syscall';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compileLandlock } from './compile.ts';
import type { Ruleset } from './ruleset.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nsinit-landlock-'));
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'file'), 'content');
});
afterAll(() => rmSync(dir, { recursive: true }));

/** Runs a shell as a user without rights, restricted; gives what it prints. */
async function restricted(ruleset: Ruleset, script: string, uid: number): Promise<string> {
  using output = new Fd(invoke('memfd_create', { name: 'output', flags: ['MFD_CLOEXEC'] }));
  using input = new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: '/dev/null', flags: ['O_RDWR', 'O_CLOEXEC'] }));
  const argv = ['/bin/busybox', 'sh', '-c', `exec 2>&1; ${script}`];
  const plan = planLaunch({}, (b) => {
    b.call('setgroups', { list: [] });
    b.call('setresgid', { rgid: uid, egid: uid, sgid: uid });
    b.call('setresuid', { ruid: uid, euid: uid, suid: uid });
    compileLandlock(b, ruleset);
    b.call('execve', { pathname: argv[0]!, argv, envp: [] });
  });
  const started = await launch(plan, { stdio: [input, output, output] });
  const status = await started.exited;
  started.close();
  const buf = Buffer.alloc(1 << 16);
  expect(status.exitCode).toBe(0);
  return buf.toString('utf8', 0, invoke('pread64', { fd: output, buf, offset: 0 }));
}

const programs = { paths: ['/bin', '/usr', '/lib', '/lib64'], access: ['read', 'execute'], optional: true } as const;

it.each([0, 65534])('user %d reads what is allowed alone, and needs no privilege to be restricted', async (uid) => {
  rmSync(join(dir, 'new'), { force: true });
  const ruleset: Ruleset = { paths: [programs, { paths: [join(dir, 'file')], access: ['read'] }] };
  const script = `cat ${dir}/file; echo; ls ${dir} || cat /etc/passwd || echo x >${dir}/new || echo end`;
  const text = await restricted(ruleset, script, uid);
  expect(text.split('\n')[0]).toBe('content');
  expect(text.match(/Permission denied/g)).toHaveLength(3);
  expect(text.trimEnd().endsWith('end')).toBe(true);
});

it('gives files the rights that make sense for them', async () => {
  const ruleset: Ruleset = {
    paths: [programs, { paths: ['/dev/null', join(dir, 'file')], access: ['read', 'write'] }],
  };
  expect(await restricted(ruleset, `echo more >>${dir}/file && cat ${dir}/file >/dev/null && echo good`, 0)).toBe(
    'good\n',
  );
});

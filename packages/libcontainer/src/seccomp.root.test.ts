import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SECCOMP_OPERATOR, type Seccomp, type SeccompProfile, withSecurityProfile } from '@nsinit/config';
import { describe, expect, it, vi } from 'vitest';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();
const EPERM = 1;
const config = (...syscalls: Seccomp['syscalls']) => box().config({ seccomp: { syscalls } });

describe('the filter of system calls', () => {
  it('lets what it names fail, and nothing else', async () => {
    const { stdout, stderr, status } = await box().runContainer(config({ value: 'chown', action: EPERM }), [
      'sh',
      '-c',
      'touch /dev/shm/x; chown 1:1 /dev/shm/x; echo $?; chmod 600 /dev/shm/x; echo $?; grep Seccomp: /proc/self/status',
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '1\n0\nSeccomp:\t2\n' });
    expect(stderr).toMatch(/not permitted/);
  });

  it('is that of processes that join, too', async () => {
    await box().using(config({ value: 'chown', action: EPERM }), async (container) => {
      await start(container, ['sleep', '100']);
      expect(await exec(container, ['sh', '-c', 'touch /dev/shm/y; chown 1:1 /dev/shm/y'])).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/not permitted/),
      });
    });
  });

  it('kills', async () => {
    const { status } = await box().runContainer(config({ value: 'mkdir', action: -3 }), ['mkdir', '/dev/shm/d']);
    expect(status).toBe(-31);
  });

  it('looks at arguments', async () => {
    const rule = { value: 'kill', action: EPERM, args: [{ index: 1, value: 10, op: SECCOMP_OPERATOR.equalTo }] };
    const { stdout } = await box().runContainer(config(rule), [
      'sh',
      '-c',
      'kill -10 $$; echo $?; kill -0 $$; echo $?',
    ]);
    expect(stdout).toBe('1\n0\n');
  });

  it.each(['high', 'medium', 'low'] as const)('of the profile %s lets ordinary programs run', async (profile) => {
    const { status, stdout } = await box().runContainer(withSecurityProfile(box().config(), profile), [
      'sh',
      '-c',
      'ls / >/dev/null; ulimit -n; unshare -m true 2>/dev/null || echo refused',
    ]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '1024\nrefused\n' });
  });

  it.each(['default', 'high', 'medium', 'low'] as const)(
    'is %s by its name, in a process that joins as well',
    async (seccomp) => {
      const script =
        'hostname x 2>/dev/null; unshare -m true 2>/dev/null; echo $?; grep -E "NoNew|Seccomp:" /proc/self/status';
      const config = box().config({ seccomp, capabilities: ['CAP_SYS_CHROOT'] });
      await box().using(config, async (container) => {
        await start(container, ['sleep', '100']);
        const { stdout } = await exec(container, ['sh', '-c', script]);
        expect(stdout).toBe('1\nNoNewPrivs:\t0\nSeccomp:\t2\n');
      });
      expect(await box().shell(script, config)).toBe('1\nNoNewPrivs:\t0\nSeccomp:\t2\n');
    },
  );

  it('is refused when it cannot be, by its field', async () => {
    const container = await box().create(config({ value: 'no_such_call', action: EPERM }));
    expect(await failure(start(container, ['true']))).toMatchObject({
      code: 'ConfigInvalid',
      field: 'seccomp.syscalls[0].value',
      message: 'seccomp.syscalls[0].value: unknown system call "no_such_call"',
    });
    await container.destroy();
  });
});

/** A profile of the runtime specification: what it does not name is allowed. */
const profile = (...syscalls: NonNullable<SeccompProfile['syscalls']>): SeccompProfile => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls,
});
const run = (seccomp: SeccompProfile, script: string) =>
  box().runContainer(box().config({ seccomp }), ['sh', '-c', script]);

describe('a profile of the runtime specification', () => {
  it('gives errnos, of the default action as well', async () => {
    const errnoRet = 13;
    const denied = await run(
      profile({ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet }),
      'mkdir /dev/shm/d',
    );
    expect(denied).toMatchObject({ status: 1, stderr: expect.stringMatching(/Permission denied/) });
  });

  it.each([
    ['SCMP_ACT_KILL_PROCESS', -31],
    ['SCMP_ACT_KILL_THREAD', -31],
    ['SCMP_ACT_TRAP', -31],
    ['SCMP_ACT_LOG', 0],
    ['SCMP_ACT_TRACE', 1],
  ] as const)('%s', async (action, status) => {
    const seccomp = profile({ names: ['mkdir', 'mkdirat'], action });
    const config = box().config({ seccomp });
    expect((await box().runContainer(config, ['mkdir', '/dev/shm/d'])).status).toBe(status);
  });

  it('has rules for capabilities of the configuration', async () => {
    const seccomp: SeccompProfile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['sethostname'], action: 'SCMP_ACT_ERRNO', errnoRet: 38, excludes: { caps: ['CAP_SYS_ADMIN'] } },
      ],
    };
    const script = 'hostname other 2>&1';
    const without = await box().runContainer(box().config({ seccomp }), ['sh', '-c', script]);
    expect(without.stdout).toMatch(/not implemented/);
    const capabilities = ['CAP_SYS_ADMIN'];
    const withIt = await box().runContainer(box().config({ seccomp, capabilities }), ['sh', '-c', script]);
    expect(withIt).toMatchObject({ status: 0, stdout: '' });
  });

  it.each<[SeccompProfile, string]>([
    [profile({ names: ['opennat'], action: 'SCMP_ACT_ALLOW' }), 'seccomp.syscalls[0].names[0]'],
    [profile({ names: ['open'], action: 'SCMP_ACT_LOG', errnoRet: 1 }), 'seccomp.syscalls[0].errnoRet'],
    [{ ...profile(), architectures: ['SCMP_ARCH_X68'] }, 'seccomp.architectures[0]'],
    [{ ...profile(), flags: ['SECCOMP_FILTER_FLAG_LOGG'] }, 'seccomp.flags[0]'],
    [
      profile({ names: ['open'], action: 'SCMP_ACT_ERRNO' }, { names: ['open'], action: 'SCMP_ACT_TRAP' }),
      'seccomp.syscalls[1]',
    ],
    [profile({ names: ['execve'], action: 'SCMP_ACT_ERRNO' }), 'seccomp'],
  ])('%j is refused before anything starts, with its place', async (seccomp, field) => {
    const container = await box().create(box().config({ seccomp }));
    expect(await failure(start(container, ['true']))).toMatchObject({ code: 'ConfigInvalid', field });
    await container.destroy();
  });
});

describe('a program that cannot be executed', () => {
  const deny = (action: 'SCMP_ACT_ERRNO' | 'SCMP_ACT_KILL_PROCESS', ...names: string[]) => profile({ names, action });

  it.each<[string, SeccompProfile]>([
    ['denies the report', deny('SCMP_ACT_ERRNO', 'sendto')],
    ['denies the report and the end', deny('SCMP_ACT_ERRNO', 'sendto', 'read', 'exit_group')],
    ['kills for the report', deny('SCMP_ACT_KILL_PROCESS', 'sendto')],
    [
      'denies everything else',
      { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names: ['execve'], action: 'SCMP_ACT_ALLOW' }] },
    ],
  ])('is told by its path though the filter %s', async (_, seccomp) => {
    for (const supervisor of [true, false]) {
      const container = await box().create(box().config({ seccomp }));
      expect(await failure(start(container, ['/no/such'], { supervisor }))).toMatchObject({
        code: 'SystemError',
        errno: 'ENOENT',
        exitCode: 127,
        message: expect.stringContaining('"/no/such"'),
      });
      await container.destroy();
    }
  });
});

describe('no_new_privs and the filter', () => {
  /** Each call with which a process becomes what it is to be. */
  const seccomp: SeccompProfile = profile({
    names: ['setuid', 'setresuid', 'setgroups', 'setresgid', 'capset', 'prctl', 'close_range', 'sendto', 'sendmsg'],
    action: 'SCMP_ACT_ERRNO',
  });
  const script = 'id -u; id -G; grep -E "NoNew|CapPrm|CapEff|CapBnd|CapAmb" /proc/self/status';
  const bits = (value: number) => value.toString(16).padStart(16, '0');

  it.each([undefined, false, true])(
    '%s: a filter that denies setuid and capset does not hinder the start',
    async (noNewPrivileges) => {
      const config = box().config({
        seccomp,
        capabilities: ['CAP_KILL'],
        ...(noNewPrivileges === undefined ? {} : { noNewPrivileges }),
      });
      const expected = (user: number) =>
        [
          `${user}\n${user}`,
          `CapPrm:\t${bits(user ? 0 : 1 << 5)}`,
          `CapEff:\t${bits(user ? 0 : 1 << 5)}`,
          `CapBnd:\t${bits(1 << 5)}`,
          `CapAmb:\t${bits(0)}`,
          `NoNewPrivs:\t${noNewPrivileges ? 1 : 0}\n`,
        ].join('\n');
      await box().using(config, async (container) => {
        const { stdout } = await start(container, ['sh', '-c', `${script}; exec sleep 100`]);
        for (const user of [0, 1]) {
          const joined = await exec(container, ['sh', '-c', script], { process: { user: `${user}:${user}` } });
          expect(joined).toMatchObject({ status: 0, stdout: expected(user) });
        }
        await vi.waitFor(() => expect(stdout.text()).toBe(expected(0)), { timeout: 30_000, interval: 5 });
      });
    },
  );

  it.each([
    [false, 1 << 5],
    [true, 0],
  ])('%s: a program with capabilities of its own gets %i under a filter', async (noNewPrivileges, gained) => {
    const dir = join(box().rootfs, 'gaining');
    mkdirSync(dir);
    try {
      const program = join(dir, 'busybox');
      copyFileSync('/bin/busybox', program);
      execFileSync('setcap', ['cap_kill+ep', program]);
      const config = box().config({ seccomp: 'low', capabilities: ['CAP_KILL'], noNewPrivileges });
      const args = ['sh', '-c', '/gaining/busybox grep CapEff /proc/self/status'];
      const { stdout } = await box().runContainer(config, args, { process: { user: '1:1' } });
      expect(stdout).toBe(`CapEff:\t${bits(gained)}\n`);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

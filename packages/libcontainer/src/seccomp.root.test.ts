import { SECCOMP_OPERATOR, type Seccomp, withSecurityProfile } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
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

  it('is refused when it cannot be, by its field', async () => {
    const container = await box().create(config({ value: 'no_such_call', action: EPERM }));
    expect(await failure(start(container, ['true']))).toMatchObject({ code: 'ConfigInvalid', field: 'seccomp' });
    await container.destroy();
  });
});

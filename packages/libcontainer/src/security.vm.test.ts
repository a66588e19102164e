import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@nsinit/config';
import { landlockSupport } from '@nsinit/landlock';
import {
  appArmorSupport,
  containerProfile,
  loadedProfiles,
  loadProfiles,
  profileOf,
  unloadProfiles,
} from '@nsinit/lsm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();
const name = 'nsinit-vm-box';
const loose = 'nsinit-vm-loose';
const text = `${containerProfile({ name, rules: ['deny /etc/secret rw,'] })}
profile ${loose} flags=(attach_disconnected,mediate_deleted) {
  file, capability, network, mount, umount, signal, ptrace,
  deny /etc/secret rw,
}
`;

beforeAll(async () => {
  await loadProfiles(text);
  mkdirSync(join(box().rootfs, 'etc'), { recursive: true });
  writeFileSync(join(box().rootfs, 'etc/secret'), 'secret\n');
});
afterAll(() => unloadProfiles(text));

const confined = (changes: Partial<Config> = {}) => box().config({ apparmorProfile: name, ...changes });
const script = [
  'cat /proc/self/attr/current',
  'cat /etc/secret; echo $?',
  'cat /etc/hostname /etc/passwd >/dev/null 2>&1',
  'cat /etc/passwd >/dev/null; echo $?',
  'mount -t tmpfs none /tmp; echo $?',
].join('\n');

describe('an AppArmor profile', () => {
  it('is loaded in a kernel that uses AppArmor', () => {
    expect(appArmorSupport()).toEqual({ enabled: true });
    expect(loadedProfiles()).toContainEqual({ name, mode: 'enforce' });
    expect(profileOf('self')).toMatchObject({ name: 'unconfined' });
  });

  it.each([
    ['', {}],
    [' with no_new_privs', { noNewPrivileges: true }],
    [' as a user', { process: { user: 'user' } }],
    [
      ' and what Landlock allows',
      { landlock: { mode: 'best_effort', paths: [{ paths: ['/'], access: ['read', 'write', 'execute'] }] } },
    ],
  ] as const)('is felt by the first process, and by one that joins%s', async (_, changes) => {
    await box().using(confined({ capabilities: ['SYS_ADMIN'], ...changes }), async (container) => {
      const first = await start(container, ['sh', '-c', `${script}\nsleep 1000`]);
      const denied = `${name} (enforce)\n1\n0\n`;
      const joined = await exec(container, ['sh', '-c', script]);
      expect(joined.stdout).toMatch(new RegExp(`^${denied.replace(/[()]/g, '\\$&')}[1-9]\\d*\\n$`));
      expect(joined.stderr).toMatch(/secret.*[Pp]ermission denied/);
      const [pid] = await container.processes();
      expect(profileOf(pid!)).toEqual({ name, mode: 'enforce' });
      await expect.poll(() => first.stdout.text(), { timeout: 120_000 }).toBe(joined.stdout);
    });
  });

  it('that is stacked holds beside the one of the starter', async () => {
    const { stdout } = await box().runContainer(confined({ apparmorProfile: `&${name}` }), [
      'sh',
      '-c',
      'cat /proc/self/attr/current; cat /etc/secret 2>/dev/null; echo $?',
    ]);
    expect(stdout).toMatch(new RegExp(`^(unconfined//&)?${name}[^\\n]*\\n1\\n$`));
  });

  it('that is not loaded is told of, for the first process and for one that joins', async () => {
    const container = await box().create(confined({ apparmorProfile: 'nsinit-vm-absent' }));
    expect(await failure(start(container, ['true']))).toMatchObject({
      code: 'SystemError',
      errno: 'ENOENT',
      field: 'apparmorProfile',
      message: 'apparmorProfile: the AppArmor profile "nsinit-vm-absent" is not loaded',
      hint: expect.stringContaining('apparmor_parser'),
    });
    await container.destroy();
  });

  it('is put on one that joins by a procfs of its own, where the container has hidden the real one', async () => {
    const config = confined({ apparmorProfile: loose, capabilities: ['SYS_ADMIN'] });
    const deceit =
      'mount -t tmpfs none /proc; mkdir -p /proc/thread-self/attr/apparmor; >/proc/thread-self/attr/apparmor/exec';
    await box().using(config, async (container) => {
      const { stdout } = await start(container, ['sh', '-c', `${deceit}; echo hidden; sleep 1000`]);
      await expect.poll(() => stdout.text(), { timeout: 120_000 }).toBe('hidden\n');
      expect(await exec(container, ['cat', '/etc/secret'])).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(/[Pp]ermission denied/),
      });
      expect(await exec(container, ['cat', '/proc/thread-self/attr/apparmor/exec'])).toMatchObject({ stdout: '' });
    });
  });
});

describe('Landlock of an older kernel', () => {
  const { abi } = landlockSupport();
  const paths = [{ paths: ['/'], access: ['read', 'execute'] }] as const;

  it('is older here than what is asked for', () => {
    expect(abi).toBeGreaterThan(0);
    expect(abi).toBeLessThan(5);
  });

  it('is refused before anything starts', async () => {
    const container = await box().create(box().config({ landlock: { paths } }));
    expect(await failure(start(container, ['true']))).toMatchObject({
      code: 'ConfigInvalid',
      field: 'landlock.handled_files',
      message: expect.stringMatching(/cannot enforce .*ioctl_dev \(Linux 6\.10\)/),
    });
    await container.destroy();
  });

  it('enforces what it can as a best effort', async () => {
    const config = box().config({ landlock: { mode: 'best_effort', paths } });
    const { stdout, stderr } = await box().runContainer(config, ['sh', '-c', 'touch /dev/shm/x; echo $?']);
    expect(stdout).toBe('1\n');
    expect(stderr).toMatch(/permission denied/i);
  });
});

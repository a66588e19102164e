import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@nsinit/config';
import { checkLabel, fileLabel, processLabel, selinuxMode, selinuxSupport, setFileLabel } from '@nsinit/lsm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';
import { loadTestPolicy, mountSelinuxfs } from './testing/selinux-policy.ts';

const box = useSandbox();
const process = 'system_u:system_r:container_t:s0:c1,c2';
const files = 'system_u:object_r:container_file_t:s0:c1,c2';

let mounted: (() => void) | undefined;
let before: ReturnType<typeof selinuxSupport>;
beforeAll(() => {
  mounted = mountSelinuxfs();
  before = selinuxSupport();
  loadTestPolicy(box().dir);
});
afterAll(() => {
  writeFileSync('/sys/fs/selinux/enforce', '0');
  mounted?.();
});

/** Labels for everything that can have one: of message queues the kernel refuses them. */
const labelled = (changes: Partial<Config> = {}) => {
  const config = box().config({ processLabel: process, mountLabel: files });
  return { ...config, mounts: config.mounts!.filter(({ device }) => device !== 'mqueue'), ...changes };
};

describe('SELinux', () => {
  it('has no labels without a policy, and has them with one', () => {
    expect(before).toEqual({ enabled: false, reason: 'SELinux has no policy' });
    expect(selinuxSupport()).toEqual({ enabled: true });
    expect(selinuxMode()).toBe('permissive');
    expect(processLabel('self')).toBe('system_u:system_r:kernel_t:s0-s0:c0.c1023');
    expect(() => checkLabel(process)).not.toThrow();
    expect(() => checkLabel(process.replace('container_t', 'absent_t'))).toThrow(/has no label/);
  });

  it('labels the first process and one that joins, and the mounts', async () => {
    const script = 'cat /proc/self/attr/current; echo; grep " /dev/shm " /proc/self/mountinfo';
    await box().using(labelled(), async (container) => {
      const { stdout } = await start(container, ['sh', '-c', `${script}; sleep 1000`]);
      const joined = await exec(container, ['sh', '-c', script]);
      expect(joined.stdout.replaceAll('\0', '').split('\n')[0]).toBe(process);
      expect(joined.stdout).toContain(`context="${files}"`);
      await expect.poll(() => stdout.text(), { timeout: 120_000 }).toBe(joined.stdout);
      expect(processLabel((await container.processes())[0]!)).toBe(process);
    });
  });

  it('labels with no_new_privs and as a user, too', async () => {
    const config = labelled({ noNewPrivileges: true, process: { user: 'user' } });
    const { stdout } = await box().runContainer(config, ['cat', '/proc/self/attr/current']);
    expect(stdout.replaceAll('\0', '')).toBe(process);
  });

  it('tells of a label that the policy has not', async () => {
    const container = await box().create(labelled({ processLabel: 'system_u:system_r:absent_t:s0' }));
    expect(await failure(start(container, ['true']))).toMatchObject({
      errno: 'EINVAL',
      field: 'processLabel',
      message: 'processLabel: the SELinux policy of this machine has no label system_u:system_r:absent_t:s0',
    });
    await container.destroy();
  });

  it('relabels the source of a mount that asks for it', async () => {
    const source = join(box().dir, 'data');
    mkdirSync(source);
    writeFileSync(join(source, 'file'), 'data\n');
    const mount = { source, destination: '/mnt', device: 'bind', flags: 4096 } as const;
    const run = (relabel: 'z' | 'Z') =>
      box().runContainer(labelled({ mounts: [...labelled().mounts, { ...mount, relabel }] }), ['cat', '/mnt/file']);
    expect(await run('Z')).toMatchObject({ stdout: 'data\n' });
    expect(fileLabel(join(source, 'file'))).toBe(files);
    expect(await run('z')).toMatchObject({ stdout: 'data\n' });
    expect(fileLabel(join(source, 'file'))).toBe(files.replace(/:c1,c2$/, ''));
  });

  it('keeps a labelled process from a file, in the first process and in one that joins', async () => {
    const secret = join(box().rootfs, 'etc/secret');
    writeFileSync(secret, 'secret\n');
    setFileLabel(secret, 'system_u:object_r:secret_t:s0');
    writeFileSync('/sys/fs/selinux/enforce', '1');
    try {
      expect(selinuxMode()).toBe('enforcing');
      expect(readFileSync(secret, 'utf8')).toBe('secret\n');
      await box().using(labelled(), async (container) => {
        const { stdout } = await start(container, ['sh', '-c', 'cat /etc/secret 2>&1; echo $?; sleep 1000']);
        await expect.poll(() => stdout.text(), { timeout: 120_000 }).toMatch(/[Pp]ermission denied\n1\n$/);
        expect(await exec(container, ['cat', '/etc/secret'])).toMatchObject({ status: 1, stdout: '' });
        expect(await exec(container, ['cat', '/etc/passwd'])).toMatchObject({ status: 0 });
      });
    } finally {
      writeFileSync('/sys/fs/selinux/enforce', '0');
    }
  });
});

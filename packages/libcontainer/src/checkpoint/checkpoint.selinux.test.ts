import { execFileSync } from 'node:child_process';
import type { Config } from '@nsinit/config';
import { processLabel } from '@nsinit/lsm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Checkpointed } from '../testing/checkpointed.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';
import { loadTestPolicy, mountSelinuxfs } from '../testing/selinux-policy.ts';

const sandbox = useSandbox();
const label = (categories: string) => `system_u:system_r:container_t:s0:${categories}`;
const files = (categories: string) => `system_u:object_r:container_file_t:s0:${categories}`;

let mounted: (() => void) | undefined;
beforeAll(() => {
  // What criu looks at; nobody loads it here by himself.
  execFileSync('modprobe', ['-a', 'tun', 'veth', 'bridge', 'nf_tables']);
  mounted = mountSelinuxfs();
  loadTestPolicy(sandbox().dir);
});
afterAll(() => mounted?.());

const contextOf = async (scene: Checkpointed) =>
  /context="([^"]+)"/.exec((await exec(scene.container, ['grep', ' /dev/shm ', '/proc/1/mountinfo'])).stdout)?.[1];

const labelled = (labels: Partial<Config>): Config => {
  const config = sandbox().config(labels);
  return { ...config, mounts: config.mounts!.filter(({ device }) => device !== 'mqueue') };
};

describe('SELinux labels of a restored container', () => {
  it('on mounts are those of the checkpoint, or others that are asked for', async () => {
    const config = labelled({ mountLabel: files('c1,c2') });
    await using scene = await Checkpointed.create(sandbox(), config, '/usr/sbin/criu');
    await scene.run(['sleep', '1000']);
    const { imagesDirectory } = await scene.save();
    const same = await scene.restore(imagesDirectory);
    expect(await contextOf(scene)).toBe(files('c1,c2'));
    same.process.signal('SIGKILL');
    await same.result;
    await scene.restore(imagesDirectory, { lsmMountContext: files('c3,c4') });
    expect(await contextOf(scene)).toBe(files('c3,c4'));
  });

  it('on processes are not lost without a word by a criu that knows none', async () => {
    const config = labelled({ processLabel: label('c1,c2') });
    await using scene = await Checkpointed.create(sandbox(), config, '/usr/sbin/criu');
    const first = await scene.run(['sleep', '1000']);
    expect(processLabel(first.process.pid())).toBe(label('c1,c2'));
    const { imagesDirectory } = await scene.save();
    expect(await failure(scene.restore(imagesDirectory))).toMatchObject({
      step: 'restore',
      field: 'processLabel',
      message: expect.stringContaining(`in place of ${label('c1,c2')}`),
      hint: expect.stringContaining('built with SELinux'),
    });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
  });
});

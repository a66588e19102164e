import { execFileSync } from 'node:child_process';
import { processLabel } from '@nsinit/lsm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Checkpointed } from '../testing/checkpointed.ts';
import { exec, useSandbox } from '../testing/sandbox.ts';
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

describe('SELinux labels of a restored container', () => {
  it('are those of the checkpoint, or others that are asked for', async () => {
    const config = sandbox().config({ processLabel: label('c1,c2'), mountLabel: files('c1,c2') });
    const mounts = config.mounts!.filter(({ device }) => device !== 'mqueue');
    await using scene = await Checkpointed.create(sandbox(), { ...config, mounts }, '/usr/sbin/criu');
    const first = await scene.run(['sleep', '1000']);
    expect(processLabel(first.process.pid())).toBe(label('c1,c2'));
    const { imagesDirectory } = await scene.save();

    const same = await scene.restore(imagesDirectory);
    expect(processLabel(same.process.pid())).toBe(label('c1,c2'));
    expect(await contextOf(scene)).toBe(files('c1,c2'));
    same.process.signal('SIGKILL');
    await same.result;

    const other = await scene.restore(imagesDirectory, {
      lsmProfile: `selinux:${label('c3,c4')}`,
      lsmMountContext: files('c3,c4'),
    });
    expect(processLabel(other.process.pid())).toBe(label('c3,c4'));
    expect(await contextOf(scene)).toBe(files('c3,c4'));
  });
});

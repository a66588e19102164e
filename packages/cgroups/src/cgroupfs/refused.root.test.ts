import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { detectLayout } from '../layout/layout.ts';
import { testName } from '../testing/host.ts';
import { testsOfWhatIsRefused } from '../testing/refused.ts';
import { CgroupfsManager } from './manager.ts';

const layout = detectLayout();
const mounts = [...layout.v1, ...(layout.v2 ? [layout.v2] : [])].map(({ mountPoint }) => mountPoint);

function expectNoGroup(name: string): void {
  const { stdout } = spawnSync('find', [...mounts, '-type', 'd', '-name', name], { encoding: 'utf8' });
  expect(stdout).toBe('');
}

const name = testName();
testsOfWhatIsRefused(
  async (resources) => new CgroupfsManager({ path: `${name}/x`, resources }),
  () => expectNoGroup(name),
);

it('a file system that is mounted read-only is refused, and nothing stays', async () => {
  const hierarchy = layout.v1.find(({ controllers }) => controllers.includes('pids')) ?? layout.v2;
  const { mountPoint, version } = hierarchy!;
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && echo ready && read _';
  const other = spawn('unshare', ['--mount', '--propagation=private', 'sh', '-c', script, mountPoint]);
  const ended = once(other, 'exit');
  try {
    await once(other.stdout, 'data');
    // As that process sees it.
    const seen = { ...hierarchy!, mountPoint: `/proc/${other.pid}/root${mountPoint}` };
    const only = version === 1 ? { kind: 'v1', v1: [seen], v2: undefined } : { kind: 'v2', v1: [], v2: seen };
    const own = testName();
    const options = { path: `/${own}`, memberships: [], resources: { pidsLimit: 5 } };
    const manager = new CgroupfsManager({ ...options, layout: only as typeof layout });
    const error: unknown = await manager.prepare().catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ERR_CGROUP_IO',
      field: 'path',
      errno: 'EROFS',
      path: expect.stringContaining(`${seen.mountPoint}/`),
      hint: expect.stringContaining('remount it read-write'),
    });
    expectNoGroup(own);
    const user = new CgroupfsManager({ ...options, layout: only as typeof layout, rootless: true });
    await expect(user.prepare()).rejects.toMatchObject({ field: 'pidsLimit', file: 'pids.max', errno: 'EROFS' });
  } finally {
    other.stdin.end('\n');
    await ended;
  }
});

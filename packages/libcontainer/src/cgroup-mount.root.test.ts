import { existsSync, watch } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Process } from './process/process.ts';
import { planStart } from './program/start.ts';
import { cgroupMountTests } from './testing/cgroup-mount.ts';
import { failure, useSandbox } from './testing/sandbox.ts';

// The event loop opens its inotify descriptor at the first watch and keeps it.
watch('/proc/self').close();

const box = useSandbox();
const parent = `nsinit-test-${process.pid}`;

describe('a mount of control groups', () => {
  cgroupMountTests(box, undefined, parent);

  const cgroup = { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 };

  it('is refused without a group to show', async () => {
    const { mounts = [] } = box().config();
    const config = box().config({ mounts: [...mounts, cgroup] });
    const error = await failure(box().runContainer(config, ['true']));
    expect(error).toMatchObject({ code: 'ConfigInvalid', field: `mounts[${mounts.length}]` });
    expect(error.message).toMatch(/give it a cgroups section/);
  });

  it('is in the plan of a start, with its reason', async () => {
    const config = box().config({ cgroups: { parent, name: 'planned' }, mounts: [cgroup] });
    const steps = await planStart(config, new Process({ args: ['true'], env: [] }), { defaultMounts: false });
    const own = steps.filter(({ what }) => what === 'mount cgroup on /sys/fs/cgroup');
    expect(own.map(({ op }) => op)).toEqual(expect.arrayContaining(['clone3', 'fsopen', 'fsmount', 'move_mount']));
    expect(new Set(own.map(({ field }) => field))).toEqual(new Set(['mounts[0]']));
    expect(existsSync(`/sys/fs/cgroup/memory/${parent}/planned`)).toBe(false);
  });
});

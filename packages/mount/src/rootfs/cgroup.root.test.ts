import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readMountinfo } from '../mountinfo/index.ts';
import { runContainer, sandbox } from './fixtures/container.ts';
import { cgroupHierarchies } from './hierarchies.ts';

const entry = { source: 'cgroup', destination: '/cg', device: 'cgroup', flags: 0 };
const proc = { source: 'proc', destination: '/proc', device: 'proc', flags: 0 };
const hierarchies = cgroupHierarchies(readMountinfo('self'));
const names = hierarchies.map(({ version, controllers, name }) =>
  version === 2 ? 'unified' : controllers.join() || name!,
);

describe('a mount of control groups', () => {
  it.each([
    ['in its own cgroup namespace', true, ['NEWCGROUP'] as const],
    ['by a child with a namespace', false, [] as const],
    ['by a child in a user namespace', false, ['NEWUSER'] as const],
  ])('has every hierarchy of the host, read-only, %s', async (_, ownNamespace, more) => {
    using box = sandbox();
    const { exitCode, output } = await runContainer({
      config: { rootfs: box.rootfs, mounts: [proc, entry] },
      options: { cgroups: { hierarchies, ownNamespace } },
      namespaces: ['NEWNS', 'NEWPID', 'NEWIPC', 'NEWUTS', ...more],
      script: 'cd /cg; for d in *; do test -e $d/cgroup.procs && echo $d; done; mkdir x; echo /proc/[0-9]*',
    });
    const lines = output.trim().split('\n');
    // A host with cgroup v2 alone has no directories for it.
    if (names.length > 1) expect(lines.slice(0, names.length).toSorted()).toEqual(names.toSorted());
    expect(output).toContain("mkdir: can't create directory 'x': Read-only file system");
    // The child has been waited for.
    expect(lines.filter((line) => line.startsWith('/proc/'))).toEqual(['/proc/1']);
    expect(exitCode).toBe(0);
  });

  it('leaves the options of the host as they were', async () => {
    const options = () =>
      readMountinfo('self')
        .filter(({ fsType }) => fsType === 'cgroup2')
        .map(({ superOptions }) => superOptions.join());
    const before = options();
    using box = sandbox();
    await runContainer({
      config: { rootfs: box.rootfs, mounts: [entry] },
      options: { cgroups: { hierarchies, ownNamespace: false } },
      script: 'true',
    });
    expect(options()).toEqual(before);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(box.dir);
  });

  it('says what the kernel has against it', async () => {
    using box = sandbox();
    const unknown = { version: 1, controllers: ['nosuchcontroller'], name: undefined } as const;
    const run = runContainer({
      config: { rootfs: box.rootfs, mounts: [entry] },
      options: { cgroups: { hierarchies: [unknown], ownNamespace: false } },
      script: 'true',
    });
    await expect(run).rejects.toThrow(/mounts\[0\]: mount cgroup on \/cg.*nosuchcontroller/);
  });
});

import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Config, MOUNT_FLAGS, type Mount, type NamespaceType, template } from '@nsinit/config';
import { mapRange } from '@nsinit/namespaces';
import { beforeEach, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Checkpointed, counter, eventually } from '../testing/checkpointed.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';

// The event loop opens its inotify descriptor at the first watch and keeps it.
watch('/proc/self').close();

const sandbox = useSandbox();
beforeEach(() => rmSync(join(sandbox().rootfs, 'tmp/count'), { force: true }));

/** A group for one file's tests. */
const cgroups = { parent: `nsinit-test-kept-${process.pid}`, allowAllDevices: true } as const;
const EPERM = 1;

const userNamespace = (config: Config): Config => ({
  ...config,
  namespaces: [...config.namespaces!, { type: 'NEWUSER' }],
  uidMappings: [mapRange(0, 100_000, 65_536)],
  gidMappings: [mapRange(0, 100_000, 65_536)],
  idmapRootfs: true,
});

/** What the kernel says of a process. */
function facts(pid: number) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .filter((line) => /^(Uid|Gid|Groups|Umask|Cap\w+|NoNewPrivs|Seccomp\w*|Sig(Blk|Ign|Cgt)):?/.test(line));
  return {
    status,
    limits: readFileSync(`/proc/${pid}/limits`, 'utf8'),
    oom: readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'),
  };
}

describe.each([
  ['', (config: Config) => config],
  [' in a user namespace', userNamespace],
])('a restored process%s', (_name, within) => {
  it('has the ids, capabilities, limits and the filter of system calls that it had', async () => {
    const config = within(
      sandbox().config({
        additionalGroups: ['29', '44'],
        noNewPrivileges: true,
        oomScoreAdj: 321,
        umask: 0o27,
        seccomp: { syscalls: [{ value: 'chmod', action: EPERM }] },
        rlimits: [
          { type: 'RLIMIT_NOFILE', soft: 100, hard: 200 },
          { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
        ],
      }),
    );
    await using scene = await Checkpointed.create(sandbox(), config);
    const script = 'trap : HUP; echo up; while read x; do chmod 600 /dev/shm/x 2>/dev/null; echo $? $x; done';
    const first = await scene.run(['sh', '-c', `touch /dev/shm/x; ${script}`], {
      process: { stdin: new PassThrough() },
    });
    await first.stdout.until(/up/);
    const before = facts(first.process.pid());
    expect(before.status).toEqual(expect.arrayContaining(['NoNewPrivs:\t1', 'Seccomp:\t2', 'Umask:\t0027']));
    expect(before.oom).toBe('321\n');
    const { imagesDirectory } = await scene.save();
    const stdin = new PassThrough();
    const again = await scene.restore(imagesDirectory, { process: { stdin } });
    const after = facts(again.process.pid());
    expect(after).toEqual(before);
    stdin.end('refused\n');
    expect(await again.result).toMatchObject({ status: 0, stdout: '1 refused\n' });
  });

  it('is limited, killed and counted by its group, and by one that is changed', async () => {
    const config = within(
      sandbox().config({
        cgroups: {
          ...template({ rootfs: sandbox().rootfs }).cgroups,
          parent: cgroups.parent,
          memory: 64 << 20,
          pidsLimit: 40,
        },
      }),
    );
    await using scene = await Checkpointed.create(sandbox(), config);
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const { imagesDirectory } = await scene.save();
    const { process } = await scene.restore(imagesDirectory);
    const { container } = scene;
    const { cgroupStats } = await container.stats();
    expect(cgroupStats.pids?.limit).toBe(40n);
    expect(cgroupStats.memory?.usage?.limit).toBe(BigInt(64 << 20));
    await container.set({ ...container.config(), cgroups: { ...container.config().cgroups, pidsLimit: 30 } });
    expect((await container.stats()).cgroupStats.pids?.limit).toBe(30n);
    await container.pause();
    expect(await container.status()).toBe(Status.Paused);
    const stopped = scene.count();
    await container.resume();
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    expect(await container.processes()).toContain(process.pid());
    expect((await exec(container, ['sh', '-c', 'echo $$; cat /proc/1/comm'])).stdout).toMatch(/^\d+\nsh\n$/);
    const events = await container.notifyOom();
    const killed = await exec(container, ['sh', '-c', 'dd if=/dev/zero of=/dev/shm/full bs=1M count=200 & wait $!']);
    expect(killed.status).toBe(137);
    expect((await events.next()).done).toBe(false);
    await events.return?.();
    process.signal('SIGTERM');
  });
});

describe('a container with a mount of control groups', () => {
  const cgroup: Mount = { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 };

  it.each([
    ['that are all it sees', ['NEWCGROUP']],
    ['below those of the host', []],
  ] as const)('%s goes on', async (_name, kinds) => {
    const base = sandbox().config({ cgroups: { ...cgroups, memory: 64 << 20 } });
    const config: Config = {
      ...base,
      mounts: [...base.mounts!, cgroup],
      namespaces: [...base.namespaces!, ...kinds.map((type: NamespaceType) => ({ type }))],
    };
    await using scene = await Checkpointed.create(sandbox(), config);
    await scene.run(['sh', '-c', counter]);
    await eventually(() => expect(scene.count()).toBeGreaterThan(1));
    const look = async () =>
      (
        await exec(scene.container, [
          'sh',
          '-c',
          "grep -E ' - cgroup2? ' /proc/self/mountinfo | cut -d' ' -f4-6,8,10; cat /proc/1/cgroup",
        ])
      ).stdout;
    const before = await look();
    const { imagesDirectory } = await scene.save();
    const stopped = scene.count();
    await scene.restore(imagesDirectory);
    await eventually(() => expect(scene.count()).toBeGreaterThan(stopped));
    expect(await look()).toBe(before);
    if (kinds.length > 0) return;
    // One of another id sees its own group.
    const again = await scene.save();
    const other = await scene.another(config);
    await scene.restore(again.imagesDirectory, { into: other });
    const seen = await exec(other, ['cat', '/proc/self/mountinfo']);
    expect(seen.stdout).toContain(`/${other.id} /sys/fs/cgroup`);
    expect(seen.stdout).not.toContain(`/${scene.container.id} /sys/fs/cgroup`);
  });
});

describe('a container with id-mapped mounts', () => {
  it('has them again', async () => {
    const data = mkdtempSync(join(sandbox().dir, 'data-'));
    const file = join(sandbox().dir, 'mapped');
    writeFileSync(file, 'mapped\n');
    const base = userNamespace(sandbox().config());
    const bind = { device: 'bind', flags: MOUNT_FLAGS.MS_BIND, idmap: 'idmap' } as const;
    await using scene = await Checkpointed.create(sandbox(), {
      ...base,
      mounts: [
        ...base.mounts!,
        { ...bind, source: data, destination: '/tmp' },
        { ...bind, source: file, destination: '/etc/mapped' },
      ],
    });
    await scene.run(['sh', '-c', 'exec 3>>/tmp/open; while :; do sleep 1; done']);
    const look = async () =>
      (
        await exec(scene.container, [
          'stat',
          '-c',
          '%n %u:%g',
          '/',
          '/bin',
          '/tmp',
          '/tmp/open',
          '/etc/mapped',
          '/proc/1/fd/3',
        ])
      ).stdout;
    await eventually(async () => expect(await look()).toContain('/tmp/open'));
    const before = await look();
    expect(before).toContain('/etc/mapped 0:0');
    const { imagesDirectory } = await scene.save();
    await scene.restore(imagesDirectory);
    expect(await look()).toBe(before);
    await exec(scene.container, ['sh', '-c', 'echo new > /tmp/new']);
    expect(statSync(join(data, 'new')).uid).toBe(0);
    // Nothing of it is to be seen on the host.
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(data);
  });

  it('says so when the images are in one', async () => {
    await using scene = await Checkpointed.create(sandbox(), userNamespace(sandbox().config()));
    await scene.run(['sleep', '1000']);
    const { imagesDirectory } = await scene.save();
    const inside = join(sandbox().rootfs, 'images');
    cpSync(imagesDirectory, inside, { recursive: true });
    expect(await failure(scene.restore(inside))).toMatchObject({
      code: 'ConfigInvalid',
      field: 'rootfs',
      path: inside,
    });
    rmSync(inside, { recursive: true });
    expect(await scene.container.status()).toBe(Status.Checkpointed);
    await scene.restore(imagesDirectory);
    expect(await scene.container.status()).toBe(Status.Running);
  });

  it('is refused when something else comes from the same place', async () => {
    const data = mkdtempSync(join(sandbox().dir, 'data-'));
    chmodSync(data, 0o755);
    mkdirSync(join(data, 'below'));
    const base = userNamespace(sandbox().config());
    const bind = { device: 'bind', flags: MOUNT_FLAGS.MS_BIND } as const;
    const at = base.mounts!.length;
    await using scene = await Checkpointed.create(sandbox(), {
      ...base,
      mounts: [
        ...base.mounts!,
        { ...bind, source: data, destination: '/tmp', idmap: 'idmap' },
        { ...bind, source: join(data, 'below'), destination: '/mnt' },
      ],
    });
    await scene.run(['sleep', '1000']);
    expect(await failure(scene.save())).toMatchObject({
      code: 'ConfigInvalid',
      field: `mounts[${at}]`,
      message: expect.stringContaining(`mounts[${at + 1}] is taken from there too`),
    });
    expect(await scene.container.status()).toBe(Status.Running);
  });
});

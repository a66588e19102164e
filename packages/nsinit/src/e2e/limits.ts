import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cpuWeightOf } from '@nsinit/cgroups';
import { type Config, createFactory } from '@nsinit/libcontainer';
import { beforeEach, expect, it } from 'vitest';
import { besideContainer, type Running } from '../testing/beside.ts';
import { inUserNamespace } from '../testing/box.ts';
import { diskDirectory, finished, type Result } from '../testing/cli.ts';
import { useBox } from '../testing/use-box.ts';

type Limits = NonNullable<Config['cgroups']>;

/** One kind of limit: what is asked for first, what by `set`, and what the kernel's files hold then. */
interface Kind {
  readonly controller: string;
  readonly asked: Limits;
  readonly changed: Limits;
  readonly v1?: Readonly<Record<string, readonly [first: string, then: string]>>;
  readonly v2?: Readonly<Record<string, readonly [first: string, then: string]>>;
}

const MiB = 1 << 20;

const kinds: Readonly<Record<string, Kind>> = {
  memory: {
    controller: 'memory',
    asked: { memory: 64 * MiB, memoryReservation: 32 * MiB },
    changed: { memory: 96 * MiB, memoryReservation: 48 * MiB },
    v1: {
      'memory.limit_in_bytes': [`${64 * MiB}`, `${96 * MiB}`],
      'memory.soft_limit_in_bytes': [`${32 * MiB}`, `${48 * MiB}`],
    },
    v2: { 'memory.max': [`${64 * MiB}`, `${96 * MiB}`], 'memory.low': [`${32 * MiB}`, `${48 * MiB}`] },
  },
  swap: {
    controller: 'memory',
    asked: { memory: 64 * MiB, memorySwap: 80 * MiB },
    changed: { memory: 96 * MiB, memorySwap: 128 * MiB },
    v1: { 'memory.memsw.limit_in_bytes': [`${80 * MiB}`, `${128 * MiB}`] },
    v2: { 'memory.swap.max': [`${16 * MiB}`, `${32 * MiB}`] },
  },
  swappiness: {
    controller: 'memory',
    asked: { memorySwappiness: 10 },
    changed: { memorySwappiness: 20 },
    v1: { 'memory.swappiness': ['10', '20'] },
  },
  shares: {
    controller: 'cpu',
    asked: { cpuShares: 512 },
    changed: { cpuShares: 2048 },
    v1: { 'cpu.shares': ['512', '2048'] },
    v2: { 'cpu.weight': [`${cpuWeightOf(512)}`, `${cpuWeightOf(2048)}`] },
  },
  quota: {
    controller: 'cpu',
    asked: { cpuQuota: 50_000, cpuPeriod: 100_000 },
    changed: { cpuQuota: 30_000, cpuPeriod: 50_000 },
    v1: { 'cpu.cfs_quota_us': ['50000', '30000'], 'cpu.cfs_period_us': ['100000', '50000'] },
    v2: { 'cpu.max': ['50000 100000', '30000 50000'] },
  },
  cpuset: {
    controller: 'cpuset',
    asked: { cpusetCpus: '0', cpusetMems: '0' },
    changed: { cpusetCpus: '0-1', cpusetMems: '0' },
    v1: { 'cpuset.cpus': ['0', '0-1'], 'cpuset.mems': ['0', '0'] },
    v2: { 'cpuset.cpus': ['0', '0-1'], 'cpuset.mems': ['0', '0'] },
  },
  pids: {
    controller: 'pids',
    asked: { pidsLimit: 50 },
    changed: { pidsLimit: 60 },
    v1: { 'pids.max': ['50', '60'] },
    v2: { 'pids.max': ['50', '60'] },
  },
  hugepages: {
    controller: 'hugetlb',
    asked: { hugetlbLimit: [{ pageSize: '2MB', limit: 4 * MiB }] },
    changed: { hugetlbLimit: [{ pageSize: '2MB', limit: 8 * MiB }] },
    v1: { 'hugetlb.2MB.limit_in_bytes': [`${4 * MiB}`, `${8 * MiB}`] },
    v2: { 'hugetlb.2MB.max': [`${4 * MiB}`, `${8 * MiB}`] },
  },
  io: {
    controller: 'blkio',
    asked: { blkioThrottleWriteBpsDevice: `${disk()} ${8 * MiB}` },
    changed: { blkioThrottleWriteBpsDevice: `${disk()} ${4 * MiB}` },
    v1: { 'blkio.throttle.write_bps_device': [`${disk()} ${8 * MiB}`, `${disk()} ${4 * MiB}`] },
    v2: {
      'io.max': [
        `${disk()} rbps=max wbps=${8 * MiB} riops=max wiops=max`,
        `${disk()} rbps=max wbps=${4 * MiB} riops=max wiops=max`,
      ],
    },
  },
  classid: {
    controller: 'net_cls',
    asked: { netClsClassid: '0x100001' },
    changed: { netClsClassid: '0x100002' },
    v1: { 'net_cls.classid': [`${0x100001}`, `${0x100002}`] },
  },
};

/** The disk below the root file systems of these tests, `major:minor`: limits are for whole disks, not for parts of one. */
function disk(): string {
  const { dev } = statSync(diskDirectory());
  const entry = `/sys/dev/block/${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const device = readlinkSync(entry);
  const whole = basename(readdirSync(entry).includes('partition') ? join(device, '..') : device);
  return readFileSync(`/sys/class/block/${whole}/dev`, 'utf8').trim();
}

/** Whether everybody can get to a directory. */
const isOpen = (dir: string): boolean => (statSync(dir).mode & 1) !== 0 && (dir === '/' || isOpen(dirname(dir)));

/** Tests of limits given to `nsinit exec`, with groups that are kept by this driver. */
export function limitTests(driver: 'cgroupfs' | 'systemd', from: 'sources' | 'build'): void {
  const below = diskDirectory();
  beforeEach(({ skip }) => {
    skip(
      inUserNamespace && !isOpen(below),
      `host: root of a user namespace cannot get to ${below}, a part of which is closed to others`,
    );
  });
  const { cli, box } = useBox({ from, below: () => below });

  const systemd = driver === 'systemd' ? ['--systemd'] : [];
  const exec = (...args: readonly string[]) => cli().run(box().exec(...args), { cwd: box().rootfs });

  async function limited(
    limits: Limits,
    body: (running: Running) => Promise<void>,
    script = 'exec sleep 1000',
  ): Promise<Result> {
    const namespaces = ['NEWNS', 'NEWPID', 'NEWUTS', 'NEWIPC', 'NEWNET'].map((type) => ({ type }));
    const capabilities = ['MKNOD', 'KILL'];
    const place = { name: basename(box().rootfs), parent: 'nsinit' };
    const devices = [3, 5].map((minor) => ({
      type: 'c',
      path: `/dev/${minor === 3 ? 'null' : 'zero'}`,
      major: 1,
      minor,
    }));
    box().config({
      namespaces,
      capabilities,
      devices,
      cgroups: { ...place, allow_all_devices: true, ...snake(limits) },
    });
    return await besideContainer(cli(), box(), script, systemd, body);
  }

  const load = async () => await (await createFactory(box().state)).load('nsinit');

  for (const [name, { controller, asked, changed, v1, v2 }] of Object.entries(kinds)) {
    const version = ownVersion(controller);
    const files = version === undefined ? undefined : { 1: v1, 2: v2 }[version];
    // A controller or a kind that this host has no file for cannot be asked for: that it is refused is another test's.
    if (!files || !Object.keys(files).every((file) => isOffered(controller, file))) continue;
    it(`${name}: is in the kernel's files, and changed there by set`, async () => {
      await limited(asked, async ({ groups }) => {
        const texts = () =>
          Object.keys(files).map((file) => readFileSync(join(groups[controller] ?? groups['']!, file), 'utf8').trim());
        expect(texts()).toEqual(Object.values(files).map(([first]) => first));
        const container = await load();
        await container.set({ ...container.config(), cgroups: changed });
        expect(texts()).toEqual(Object.values(files).map(([, then]) => then));
        // Whoever looks later sees the new ones.
        expect((await load()).config().cgroups).toMatchObject(changed);
      });
    });
  }

  it('memory: whoever wants more is killed, and nsinit oom tells it until the container ends', async () => {
    let told = '';
    let ended: Promise<Result> | undefined;
    await limited({ memory: 16 * MiB, memorySwap: 16 * MiB }, async () => {
      const oom = cli().start(['--root', box().state, 'oom'], { cwd: box().rootfs, stdio: ['ignore', 'pipe', 'pipe'] });
      oom.stdout!.on('data', (chunk: Buffer) => {
        told += chunk;
      });
      ended = finished(oom);
      // What happens before it listens is not told, so it happens until then.
      while (told === '' && oom.exitCode === null) {
        const { status } = await exec('dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1');
        expect(status).toBe(137);
      }
    });
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
    expect(told).toMatch(/^(OOM notification received\n)+$/);
  });

  it('memory: a start that does not fit says what there was and what is needed', async () => {
    box().config({
      namespaces: [{ type: 'NEWNS' }, { type: 'NEWPID' }],
      cgroups: { parent: 'nsinit', name: basename(box().rootfs), allow_all_devices: true, memory: 64 << 10 },
    });
    const { status, stdout, stderr } = await exec(...systemd, 'true');
    expect([status, stdout]).toEqual([137, '']);
    // A scope goes with its last process, and with it what it could tell.
    if (driver !== 'systemd')
      expect(stderr).toMatch(
        /^nsinit: warning: the command was killed.*: the memory limit is 64 KiB.* \(a start needs about /,
      );
  });

  it('quota: a spinner gets a fifth of a CPU', async () => {
    const limits = { cpuQuota: 20_000, cpuPeriod: 100_000 };
    const spin = 'while :; do :; done';
    await limited(
      limits,
      async () => {
        const container = await load();
        const sample = async () => ({
          used: (await container.stats()).cgroupStats.cpu!,
          at: process.hrtime.bigint(),
        });
        const begin = await sample();
        let end = await sample();
        while (end.used.throttling!.periods - begin.used.throttling!.periods < 30n) end = await sample();
        const share = Number(end.used.usage!.totalNs - begin.used.usage!.totalNs) / Number(end.at - begin.at);
        expect(end.used.throttling!.throttledPeriods).toBeGreaterThan(begin.used.throttling!.throttledPeriods);
        // A period more than was looked at may be in it, of thirty.
        expect(share).toBeLessThan(0.22);
      },
      spin,
    );
  });

  it('pids: a fork bomb stops', async () => {
    await limited({ pidsLimit: 20 }, async (running) => {
      const bomb =
        'for i in 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9; do sleep 1000 >/dev/null 2>&1 & done';
      const { stderr, status } = await exec('sh', '-c', bomb);
      expect([status, stderr]).toEqual([2, "sh: can't fork: Resource temporarily unavailable\n"]);
      const dir = running.groups['pids'] ?? running.groups['']!;
      expect(Number(readFileSync(join(dir, 'pids.current'), 'utf8'))).toBeLessThanOrEqual(20);
      expect(readFileSync(join(dir, 'pids.events'), 'utf8')).toMatch(/^max [1-9]/);
    });
  });

  it('devices: one that is not allowed can neither be opened nor made', async ({ skip }) => {
    skip(inUserNamespace, 'in a user namespace: no device can be made, allowed or not');
    const allowed = [1, 3, 5, 8, 9].map((minor) => ({ type: 'c', major: 1, minor, permissions: 'rwm' }) as const);
    await limited({ allowAllDevices: false, allowedDevices: allowed }, async () => {
      const full = await exec('sh', '-c', 'mknod /tmp/full c 1 7; mknod /tmp/null c 1 3 && echo made');
      expect([full.stdout, full.stderr]).toEqual(['made\n', 'mknod: /tmp/full: Operation not permitted\n']);
      expect((await exec('sh', '-c', 'echo 1 > /tmp/null && echo opened')).stdout).toBe('opened\n');
      const container = await load();
      const more = { ...allowed[0]!, minor: 7 };
      await container.set({
        ...container.config(),
        cgroups: { allowAllDevices: false, allowedDevices: [...allowed, more] },
      });
      expect(await exec('mknod', '/tmp/full', 'c', '1', '7')).toMatchObject({ status: 0 });
      expect((await exec('dd', 'if=/tmp/full', 'of=/dev/null', 'bs=1', 'count=1')).status).toBe(0);
      await container.set({ ...container.config(), cgroups: { allowAllDevices: false, allowedDevices: allowed } });
      expect((await exec('dd', 'if=/tmp/full', 'of=/dev/null', 'bs=1', 'count=1')).stderr).toContain(
        "can't open '/tmp/full': Operation not permitted",
      );
    });
  });

  it('io: a direct write is slowed down', async () => {
    await limited({ blkioThrottleWriteBpsDevice: `${disk()} ${2 * MiB}` }, async () => {
      const begin = process.hrtime.bigint();
      const { status, stderr } = await exec('dd', 'if=/dev/zero', 'of=/tmp/file', 'bs=1M', 'count=4', 'oflag=direct');
      expect([status, stderr]).toEqual([0, expect.stringContaining('4+0 records out')]);
      // Two seconds by the limit; the kernel lets the first slice of time through.
      expect(Number(process.hrtime.bigint() - begin)).toBeGreaterThan(1e9);
    });
  });
}

/** Which version of cgroups has a controller on this host; undefined: none. */
function ownVersion(controller: string): 1 | 2 | undefined {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const v1 = mounts.some((line) => / - cgroup /.test(line) && line.split(' ').at(-1)!.split(',').includes(controller));
  if (v1) return 1;
  const v2 = mounts.find((line) => / - cgroup2 /.test(line))?.split(' ')[4];
  const name = controller === 'blkio' ? 'io' : controller;
  const has = v2 && readFileSync(join(v2, 'cgroup.controllers'), 'utf8').trim().split(' ').includes(name);
  return has ? 2 : undefined;
}

/** Whether a hierarchy has a file: an old kernel counts swap only when it is told to at boot. */
function isOffered(controller: string, file: string): boolean {
  if (!file.startsWith('memory.memsw.')) return true;
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((mount) => / - cgroup /.test(mount) && mount.split(' ').at(-1)!.split(',').includes(controller));
  return line !== undefined && readdirSync(line.split(' ')[4]!).includes(file);
}

/** The keys of a container.json. */
function snake(value: object): object {
  if (Array.isArray(value)) return value.map((item: object) => snake(item));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      typeof item === 'object' && item !== null ? snake(item) : item,
    ]),
  );
}

import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detectLayout } from '../layout/layout.ts';
import { readIn, testManager, testName, WaitingShell } from '../testing/host.ts';
import { CgroupfsManager } from './manager.ts';

const layout = detectLayout();
const onV1 = (controller: string) => layout.v1.some(({ controllers }) => controllers.includes(controller));
const memoryFile: readonly [string, string] = onV1('memory') ? ['memory', 'memory.limit_in_bytes'] : ['', 'memory.max'];
const pidsKey = onV1('pids') ? 'pids' : '';

describe('memory', () => {
  it('is taken from a process that has too much, and everybody is told', async () => {
    await using manager = testManager({ memory: 16 << 20, memorySwap: 16 << 20 });
    await using shell = new WaitingShell('exec head -c 200M /dev/zero | tail >/dev/null; echo survived');
    await manager.apply(shell.pid);
    const events = manager.oomEvents();
    shell.go();
    const { value } = await events.next();
    expect(value.count).toBeGreaterThan(0n);
    await shell.ended;
    await manager.empty({ timeoutMs: 5000 });
    for await (const late of events) expect(late.count).toBeGreaterThan(0n);
    expect(manager.stats().memory?.events?.['oom_kill']).toBeGreaterThan(0n);
  });

  it('can be limited where kernel memory is limited too', async () => {
    await using manager = testManager({ memory: 64 << 20, kernelMemory: 52428800 });
    await using shell = new WaitingShell('echo ran');
    await manager.apply(shell.pid);
    shell.go();
    expect(await shell.ended).toBe(0);
    expect(shell.output).toBe('ran\n');
  });

  it('keeps its swappiness unless another is asked for', async () => {
    await using manager = testManager({ memory: 64 << 20 });
    (await manager.prepare()).directory?.close();
    if (onV1('memory')) expect(readIn(manager, 'memory', 'memory.swappiness')).not.toBe('0');
  });

  it('tells when it gets scarce', async ({ skip }) => {
    skip(!onV1('memory') && noPressure(), 'host: the kernel counts no pressure (psi=0)');
    // On cgroup v2 a process above memory.high is slowed down: that is pressure.
    await using manager = testManager(
      onV1('memory') ? { memory: 16 << 20, memorySwap: 16 << 20 } : { unified: { 'memory.high': '4M' } },
    );
    (await manager.prepare()).directory?.close();
    const events = manager.pressureEvents();
    await using hog = new WaitingShell('head -c 60M /dev/zero | tail >/dev/null');
    await manager.apply(hog.pid);
    hog.go();
    expect((await events.next()).value.count).toBeGreaterThan(0n);
    await events.return();
    // Its children hold the pipes that its end is told by.
    await manager.kill();
  });
});

describe('cpu', () => {
  it('refuses shares that the kernel would only pretend to take', async () => {
    const manager = testManager({ cpuShares: 1 });
    await expect(manager.prepare()).rejects.toThrow('cpuShares: the minimum allowed cpu-shares is 2');
    expect(manager.exists()).toBe(false);
    const more = testManager({ cpuShares: 1_000_000 });
    await expect(more.prepare()).rejects.toThrow('the maximum allowed cpu-shares is 262144');
    expect(more.exists()).toBe(false);
  });

  it('refuses a quota below what the kernel can keep', async () => {
    const manager = testManager({ cpuQuota: 5 });
    await expect(manager.prepare()).rejects.toThrow(/cpuQuota: write "5" to .*EINVAL .*at least 1000 us/);
    expect(manager.exists()).toBe(false);
  });

  it('refuses CPUs that do not exist', async () => {
    const manager = testManager({ cpusetCpus: '4000' });
    await expect(manager.prepare()).rejects.toThrow(/cpusetCpus: write "4000" to .*must exist/);
    expect(manager.exists()).toBe(false);
  });
});

describe('set', () => {
  it('changes limits of a group in use', async () => {
    await using manager = testManager({ memory: 64 << 20, pidsLimit: 50 });
    await using shell = new WaitingShell('true');
    await manager.apply(shell.pid);
    await manager.set({ memory: 128 << 20, pidsLimit: -1 });
    expect(readIn(manager, ...memoryFile)).toBe(String(128 << 20));
    expect(readIn(manager, pidsKey, 'pids.max')).toBe('max');
  });

  it('changes nothing when a part is refused', async () => {
    await using manager = testManager({ memory: 64 << 20, pidsLimit: 50, cpuShares: 512 });
    (await manager.prepare()).directory?.close();
    const change = { memory: 128 << 20, pidsLimit: 20, cpuShares: 2048, cpusetCpus: '4000' };
    await expect(manager.set(change)).rejects.toThrow('cpusetCpus');
    expect(readIn(manager, ...memoryFile)).toBe(String(64 << 20));
    expect(readIn(manager, pidsKey, 'pids.max')).toBe('50');
    await expect(manager.set({ memory: 128 << 20, cpuShares: 1 })).rejects.toThrow('minimum allowed');
    expect(readIn(manager, ...memoryFile)).toBe(String(64 << 20));
    if (onV1('cpu')) expect(readIn(manager, 'cpu', 'cpu.shares')).toBe('512');
  });
});

it('limits a disk', async ({ skip }) => {
  const [device] = disks();
  skip(device === undefined, 'host: there is no disk');
  await using manager = testManager({ blkioThrottleWriteBpsDevice: `${device} 1048576` });
  (await manager.prepare()).directory?.close();
  const v1 = onV1('blkio');
  const file = v1 ? 'blkio.throttle.write_bps_device' : 'io.max';
  expect(readIn(manager, v1 ? 'blkio' : '', file)).toContain(
    v1 ? `${device} 1048576` : `${device} rbps=max wbps=1048576`,
  );
  await manager.set({ blkioThrottleWriteBpsDevice: `${device} 0` });
  expect(readIn(manager, v1 ? 'blkio' : '', file)).toBe('');
  await expect(manager.set({ blkioThrottleReadBpsDevice: '4000:1 5' })).rejects.toThrow('no block device');
});

it('refuses a group that is in use, and a process that is gone', async () => {
  const path = testName();
  await using manager = testManager({}, path);
  await using shell = new WaitingShell('true');
  await manager.apply(shell.pid);
  const own = new CgroupfsManager({ path, exclusive: true });
  await expect(own.prepare()).rejects.toMatchObject({ code: 'ERR_CGROUP_BUSY' });
  shell.go();
  await shell.ended;
  const other = testManager();
  await expect(other.apply(shell.pid)).rejects.toThrow(/ESRCH .*has ended/);
  expect(other.exists()).toBe(false);
});

/** Numbers of whole disks: `254:0`. */
function disks(): readonly string[] {
  return readdirSync('/sys/block')
    .filter((name) => !/^(loop|ram|zram|sr|fd)/.test(name))
    .map((name) => readFileSync(`/sys/block/${name}/dev`, 'utf8').trim());
}

function noPressure(): boolean {
  try {
    return readFileSync('/proc/pressure/memory', 'utf8') === '';
  } catch {
    return true;
  }
}

import { describe, expect, it } from 'vitest';
import { detectLayout } from '../layout/layout.ts';
import { readIn, testManager, WaitingShell } from '../testing/host.ts';

const layout = detectLayout();

const notHybrid = layout.kind !== 'hybrid';

describe('on a hybrid host', () => {
  it('puts a process into every hierarchy, with limits that the kernel shows', async ({ skip }) => {
    skip(notHybrid, `host: its cgroups are ${layout.kind}`);
    await using manager = testManager({
      memory: 64 << 20,
      memorySwap: 64 << 20,
      memoryReservation: 32 << 20,
      memorySwappiness: 10,
      cpuShares: 512,
      cpuQuota: 20_000,
      cpuPeriod: 50_000,
      cpusetCpus: '0',
      cpusetMems: '0',
      pidsLimit: 17,
      blkioWeight: 300,
    });
    await using shell = new WaitingShell('cat /proc/self/cgroup');
    const { directory, mustApply } = await manager.prepare();
    directory?.close();
    expect(mustApply).toBe(true);
    await manager.apply(shell.pid);
    expect(manager.pids()).toEqual([shell.pid]);
    shell.go();
    expect(await shell.ended).toBe(0);
    const lines = shell.output.trim().split('\n');
    for (const { hierarchyPath } of lines.map((line) => ({ hierarchyPath: line.split(':')[2] })))
      expect(hierarchyPath).toMatch(/nsinit-test-/);
    expect(readIn(manager, 'memory', 'memory.limit_in_bytes')).toBe(String(64 << 20));
    expect(readIn(manager, 'memory', 'memory.memsw.limit_in_bytes')).toBe(String(64 << 20));
    expect(readIn(manager, 'memory', 'memory.soft_limit_in_bytes')).toBe(String(32 << 20));
    expect(readIn(manager, 'memory', 'memory.swappiness')).toBe('10');
    expect(readIn(manager, 'cpu', 'cpu.shares')).toBe('512');
    expect(readIn(manager, 'cpu', 'cpu.cfs_quota_us')).toBe('20000');
    expect(readIn(manager, 'cpu', 'cpu.cfs_period_us')).toBe('50000');
    expect(readIn(manager, 'cpuset', 'cpuset.cpus')).toBe('0');
    expect(readIn(manager, 'pids', 'pids.max')).toBe('17');
    expect(readIn(manager, 'blkio', 'blkio.bfq.weight')).toBe('300');
    const { memory, pids, cpu } = manager.stats();
    expect(memory?.usage?.limit).toBe(64n << 20n);
    expect(memory?.usage?.maxUsage).toBeGreaterThan(0n);
    expect(pids).toMatchObject({ current: 0n, limit: 17n });
    expect(cpu?.usage?.totalNs).toBeGreaterThan(0n);
  });
});

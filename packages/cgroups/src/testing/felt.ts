import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Manager } from '../manager.ts';
import type { Resources } from '../resources.ts';
import { WaitingShell } from './host.ts';

/** Makes a manager that is destroyed, with its processes, at the end of a scope. */
export type MakeManager = (resources: Resources) => Promise<Manager & AsyncDisposable>;

const nullDevice = { type: 'c', major: 1, minor: 3, permissions: 'rwm' } as const;

/** A group by whichever driver: processes in it feel each kind of limit. */
export function testsOfWhatIsFelt(make: MakeManager): void {
  it('a memory limit kills a hog, and is told of', async () => {
    await using manager = await make({ memory: 16 << 20, memorySwap: 16 << 20 });
    await using shell = new WaitingShell('head -c 200M /dev/zero | tail >/dev/null; read _');
    await manager.apply(shell.pid);
    const events = manager.oomEvents();
    shell.next();
    expect((await events.next()).value?.count).toBeGreaterThan(0n);
    await events.return?.();
    // The event of v1 comes before the kill.
    while ((manager.stats().memory?.events?.['oom_kill'] ?? 0n) === 0n) await sleep(10);
  });

  it('a quota of 20 % of a CPU holds a spinner to that', async () => {
    await using manager = await make({ cpuQuota: 20_000, cpuPeriod: 100_000 });
    await using shell = new WaitingShell('while :; do :; done');
    await manager.apply(shell.pid);
    shell.go();
    const throttled = () => manager.stats().cpu?.throttling?.throttledPeriods ?? 0n;
    while (throttled() < 20n) await sleep(50);
    await manager.freeze();
    const { usage, throttling } = manager.stats().cpu ?? {};
    await manager.thaw();
    const used = Number(usage?.totalNs) / 1e6;
    // The first period has begun and the last may not have ended; what is overrun by a tick is paid back.
    expect(used).toBeLessThanOrEqual((Number(throttling?.periods) + 2) * 20 + 10);
    // A period is told late on a busy machine, and counted as several then.
    expect(used).toBeGreaterThan(Number(throttling?.throttledPeriods) * 5);
  });

  it('a limit of processes stops a fork bomb', async () => {
    await using manager = await make({ pidsLimit: 5 });
    await using shell = new WaitingShell('for i in 1 2 3 4 5 6 7 8 9; do sleep 100 >&- 2>&- & done; echo all');
    await manager.apply(shell.pid);
    shell.go();
    expect(await shell.ended).not.toBe(0);
    expect(shell.output).toMatch(/fork/i);
    expect(manager.stats().pids?.current).toBeLessThanOrEqual(5n);
    expect(manager.stats().pids?.failures).toBeGreaterThan(0n);
  });

  it('a device that is not allowed can be neither opened nor made', async () => {
    await using manager = await make({ allowAllDevices: false, allowedDevices: [nullDevice] });
    const dir = mkdtempSync(join(tmpdir(), 'nsinit-felt-'));
    await using shell = new WaitingShell(
      [
        'for d in null zero; do (: <"/dev/$d") 2>/dev/null && echo "opened $d"; done',
        `mknod ${dir}/n c 1 3 2>/dev/null && echo made null; mknod ${dir}/z c 1 5 2>/dev/null && echo made zero; :`,
      ].join('; '),
    );
    try {
      await manager.apply(shell.pid);
      shell.go();
      expect(await shell.ended).toBe(0);
      expect(shell.output).toBe('opened null\nmade null\n');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('a limit of bytes a second slows a direct write to a disk', async ({ skip }) => {
    using disk = loopDevice();
    skip(disk === undefined, 'host: it has no loop devices');
    if (!disk) return;
    const write = async (manager: Manager): Promise<number> => {
      await using shell = new WaitingShell(`dd if=/dev/zero of=${disk.path} bs=64k count=32 oflag=direct 2>&1`);
      await manager.apply(shell.pid);
      const begin = performance.now();
      shell.go();
      expect(await shell.ended).toBe(0);
      return performance.now() - begin;
    };
    // 2 MiB at 1 MiB a second, of which the kernel gives a part at once.
    await using limited = await make({ blkioThrottleWriteBpsDevice: `${disk.numbers} 1048576` });
    expect(await write(limited)).toBeGreaterThan(1000);
    await using free = await make({});
    // It is the limit and not the disk: without it some try takes less, however busy this machine is.
    while ((await write(free)) > 1000);
  });
}

interface LoopDevice extends Disposable {
  readonly path: string;
  /** `major:minor` */
  readonly numbers: string;
}

function loopDevice(): LoopDevice | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'nsinit-felt-'));
  try {
    const file = join(dir, 'disk');
    execFileSync('truncate', ['--size=4M', file]);
    const path = attach(file);
    if (path === undefined) {
      rmSync(dir, { recursive: true });
      return undefined;
    }
    const { rdev } = statSync(path);
    return {
      path,
      numbers: `${rdev >> 8}:${rdev & 0xff}`,
      [Symbol.dispose]: () => {
        execFileSync('losetup', ['--detach', path]);
        rmSync(dir, { recursive: true });
      },
    };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Somebody else may take the free device that was found: then another is looked for. */
function attach(file: string): string | undefined {
  // Where it is a module, nothing may have asked for it yet; where there is neither, losetup says so.
  if (!existsSync('/dev/loop-control')) spawnSync('modprobe', ['loop']);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const { status, stdout, stderr } = spawnSync('losetup', ['--find', '--show', file], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
    if (!stderr?.includes('busy')) return undefined;
  }
  return undefined;
}

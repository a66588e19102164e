import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import type { Cgroup } from '@nsinit/config';
import { describe, expect, it, vi } from 'vitest';
import type { Container } from './container.ts';
import { Process } from './process/process.ts';
import { Status } from './status.ts';
import { capturedProcess, exec, failure, start, useSandbox } from './testing/sandbox.ts';

// The event loop opens its inotify descriptor at the first watch and keeps it.
watch('/proc/self').close();

const box = useSandbox();

const parent = `nsinit-test-${process.pid}`;
const config = (cgroups: Cgroup = {}) => box().config({ cgroups: { parent, allowAllDevices: true, ...cgroups } });

/** The file of a running container's group, wherever the controller lives. */
async function groupFile(container: Container, controller: string, name: string): Promise<string> {
  const { cgroupPaths } = await container.state();
  return readFileSync(join(cgroupPaths[controller] ?? cgroupPaths['']!, name), 'utf8').trim();
}

/** Runs the body beside a container that sleeps, and expects its groups to be gone after it. */
async function sleeping(cgroups: Cgroup, body: (container: Container) => Promise<void>): Promise<void> {
  let paths: readonly string[] = [];
  await box().using(config(cgroups), async (container) => {
    await start(container, ['sleep', '100']);
    paths = Object.values((await container.state()).cgroupPaths);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    await body(container);
  });
  expect(paths.filter((path) => existsSync(path))).toEqual([]);
}

describe('the control group of a container', () => {
  it('holds its processes in every hierarchy, and not their supervisor', async () => {
    await sleeping({}, async (container) => {
      const own = readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
      const first = (await exec(container, ['cat', '/proc/1/cgroup'])).stdout.trim().split('\n');
      const other = (await exec(container, ['cat', '/proc/self/cgroup'])).stdout.trim().split('\n');
      expect(other).toEqual(first);
      expect(first).toHaveLength(own.length);
      for (const line of first) expect(line).toMatch(new RegExp(`/${parent}/${container.id}$`));
      const [init] = await container.processes();
      const supervisor = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${init}/status`, 'utf8'))![1];
      expect(readFileSync(`/proc/${supervisor}/cgroup`, 'utf8')).not.toContain(parent);
    });
  });

  it('has the limits of the configuration before the process runs', async () => {
    await sleeping(
      { memory: 64 * 1024 * 1024, cpuShares: 512, cpuQuota: 50_000, cpuPeriod: 100_000 },
      async (container) => {
        expect(await groupFile(container, 'memory', 'memory.limit_in_bytes')).toBe(String(64 * 1024 * 1024));
        expect(await groupFile(container, 'cpu', 'cpu.shares')).toBe('512');
        expect(await groupFile(container, 'cpu', 'cpu.cfs_quota_us')).toBe('50000');
      },
    );
  });

  it('refuses CPU shares that the kernel would not keep', async () => {
    const container = await box().create(config({ cpuShares: 1 }));
    const error = await failure(start(container, ['true']));
    expect(error).toMatchObject({ code: 'SystemError', field: 'cgroups' });
    expect(error.message).toMatch(/minimum allowed cpu-shares is 2/);
    await container.destroy();
  });

  it('starts with a limit of kernel memory', async () => {
    const { status } = await box().runContainer(config({ kernelMemory: 52_428_800 }), ['true']);
    expect(status).toBe(0);
  });

  it('counts what its processes use', async () => {
    await sleeping({}, async (container) => {
      await exec(container, ['sh', '-c', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done']);
      const { cgroupStats } = await container.stats();
      expect(cgroupStats.cpu?.usage?.totalNs).toBeGreaterThan(0n);
      expect(cgroupStats.memory?.usage?.usage).toBeGreaterThan(0n);
      expect(cgroupStats.pids?.current).toBeGreaterThan(0n);
    });
  });

  it('stops its processes and lets them go on, for everybody to see', async () => {
    await sleeping({}, async (container) => {
      await container.pause();
      const other = await (await box().factory()).load(container.id);
      expect([await container.status(), await other.status()]).toEqual([Status.Paused, Status.Paused]);
      expect(await failure(exec(other, ['true']))).toMatchObject({ code: 'ContainerPaused' });
      await other.resume();
      expect(await container.status()).toBe(Status.Running);
      expect((await exec(container, ['true'])).status).toBe(0);
    });
  });

  it('is removed with its processes although they are stopped', async () => {
    await sleeping({}, (container) => container.pause());
  });

  it('gets new limits while it runs, and keeps them', async () => {
    await sleeping({ memory: 64 * 1024 * 1024 }, async (container) => {
      await container.set(config({ memory: 96 * 1024 * 1024 }));
      expect(await groupFile(container, 'memory', 'memory.limit_in_bytes')).toBe(String(96 * 1024 * 1024));
      const other = await (await box().factory()).load(container.id);
      expect(other.config().cgroups?.memory).toBe(96 * 1024 * 1024);
      expect(await failure(container.set(config({ memory: 4096 })))).toMatchObject({ field: 'cgroups' });
      expect(await groupFile(container, 'memory', 'memory.limit_in_bytes')).toBe(String(96 * 1024 * 1024));
    });
  });

  it('tells when a process was killed because memory was out', async () => {
    await sleeping({ memory: 16 * 1024 * 1024 }, async (container) => {
      const events = await container.notifyOom();
      const first = events.next();
      const greedy = new Process({
        args: ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1'],
        env: ['PATH=/bin'],
      });
      await container.start(greedy);
      expect((await greedy.wait()).signal).toBe('SIGKILL');
      expect((await first).value).toMatchObject({ count: 1n });
      await events.return?.();
    });
  });

  it('may be shared: it goes with the last container', async () => {
    const shared = { name: 'shared' };
    let path = '';
    await box().using(config(shared), async (one) => {
      await start(one, ['sleep', '100']);
      await box().using(config(shared), async (two) => {
        await start(two, ['sleep', '100']);
        path = Object.values((await two.state()).cgroupPaths)[0]!;
      });
      expect(await one.status()).toBe(Status.Running);
      expect(existsSync(path)).toBe(true);
    });
    await vi.waitFor(() => expect(existsSync(path)).toBe(false));
  });

  it('ends what a container without a pid namespace has left', async () => {
    const { namespaces, ...rest } = config();
    const host = { ...rest, namespaces: namespaces!.filter(({ type }) => type !== 'NEWPID') };
    await box().using(host, async (container) => {
      await start(container, ['sh', '-c', 'setsid sleep 100 & setsid sleep 100 & sleep 100']);
      await vi.waitFor(async () => expect((await container.processes()).length).toBe(3));
    });
  });

  it('is gone after a start that was refused before anything ran', async () => {
    const container = await box().create(config());
    const process = new Process({ args: ['true'], env: ['PATH=/bin'], user: 'nobody-knows' });
    expect(await failure(container.start(process))).toMatchObject({ code: 'ConfigInvalid', field: 'user' });
    expect(existsSync(`/sys/fs/cgroup/freezer/${parent}/${container.id}`)).toBe(false);
    await container.destroy();
  });

  it('stays where it is when limits change, in later lives of the container too', async () => {
    await box().using(config(), async (container) => {
      const first = new Process({ args: ['sleep', '100'], env: ['PATH=/bin'] });
      await container.start(first);
      const { cgroupPaths } = await container.state();
      // What the caller has says nothing of the name that was filled in.
      await container.set(config({ name: undefined, parent: undefined, cpuShares: 512 }));
      expect(container.config().cgroups).toMatchObject({ name: container.id, parent, cpuShares: 512 });
      first.signal('SIGKILL');
      await first.wait();
      await start(container, ['sleep', '100']);
      expect((await container.state()).cgroupPaths).toEqual(cgroupPaths);
      expect(await groupFile(container, 'cpu', 'cpu.shares')).toBe('512');
    });
  });

  it('tells that a process was killed for want of memory, and of no other that was killed', async () => {
    await sleeping({ memory: 16 << 20, memorySwap: 16 << 20 }, async (container) => {
      const hog = async () => {
        const { process } = capturedProcess(['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1']);
        await container.start(process);
        return await process.wait();
      };
      const memoryKill = { kills: 1n, limit: 16n << 20n, peak: 16n << 20n };
      expect(await hog()).toMatchObject({ signal: 'SIGKILL', memoryKill });
      expect(await hog()).toMatchObject({ signal: 'SIGKILL', memoryKill });
      const { process } = capturedProcess(['sleep', '100']);
      await container.start(process);
      process.signal('SIGKILL');
      const status = await process.wait();
      expect(status.signal).toBe('SIGKILL');
      expect(status).not.toHaveProperty('memoryKill');
    });
  });

  it('is gone after a start that failed', async () => {
    const container = await box().create(config());
    await failure(start(container, ['/absent']));
    expect(existsSync(`/sys/fs/cgroup/freezer/${parent}/${container.id}`)).toBe(false);
    await container.destroy();
  });
});

describe('a container without a control group', () => {
  it('says what it lacks', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      for (const call of [() => container.stats(), () => container.pause(), () => container.resume()])
        expect(await failure(call())).toMatchObject({ code: 'SystemError', field: 'cgroups' });
    });
  });
});

import { readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Status } from './status.ts';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

describe('a process that joins', () => {
  it('sees the first process, and is seen', async () => {
    await box().using(box().config(), async (container) => {
      const init = await start(container, ['sleep', '100']);
      const { stdout, status } = await exec(container, ['ps', '-o', 'pid,args']);
      expect(stdout).toMatch(/^PID +COMMAND\n +1 sleep 100\n +\d+ ps -o pid,args\n$/);
      expect(status).toBe(0);
      init.process.signal('SIGTERM');
    });
  });

  it('is in the namespaces of the first, and both are processes of the container', async () => {
    await box().using(box().config(), async (container) => {
      const first = await start(container, ['sleep', '100']);
      const second = await start(container, ['sleep', '100']);
      expect(await container.processes()).toEqual([first.process.pid(), second.process.pid()]);
      for (const name of ['pid', 'mnt', 'net', 'uts', 'ipc', 'user', 'cgroup'])
        expect(readlinkSync(`/proc/${second.process.pid()}/ns/${name}`)).toBe(
          readlinkSync(`/proc/${first.process.pid()}/ns/${name}`),
        );
      second.process.signal('SIGKILL');
      expect((await second.result).status).toBe(-9);
      expect(await container.processes()).toEqual([first.process.pid()]);
      expect(await container.status()).toBe(Status.Running);
      first.process.signal('SIGKILL');
      expect((await first.result).status).toBe(-9);
      expect(await container.status()).toBe(Status.Destroyed);
    });
  });

  it('has host name, limits, masks, umask, groups, oom score and no_new_privs of the container', async () => {
    const config = box().config({
      umask: 0o77,
      additionalGroups: ['audio'],
      oomScoreAdj: 500,
      noNewPrivileges: true,
    });
    const script =
      'hostname; umask; id -G; cat /proc/self/oom_score_adj; grep -E "NoNewPrivs|Cap|Seccomp|Sig(Blk|Ign)" /proc/self/status; pwd; ls /proc/self/fd; readlink /proc/self/exe';
    await box().using(config, async (container) => {
      const init = await start(container, ['sh', '-c', `${script}; exec sleep 100`]);
      await init.stdout.until(/busybox\n/);
      const seen = await exec(container, ['sh', '-c', script]);
      expect(seen.stderr).toBe('');
      expect(seen.stdout).toBe(init.stdout.text());
      expect(seen.stdout).toMatch(/^integration\n0077\n0 29\n500\n/);
    });
  });

  it('has an environment of its own, in which the last value of a name counts', async () => {
    const env = ['PATH=/bin', 'DEBUG=true', 'DEBUG=false', 'ENV=test'];
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const { stdout } = await exec(container, ['env'], { process: { env } });
      expect(stdout).toBe('PATH=/bin\nDEBUG=false\nENV=test\nHOME=/root\n');
    });
  });

  it('runs as its own user in its own directory', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const run = (user: string, cwd: string) =>
        exec(container, ['sh', '-c', 'id -u; id -g; pwd; echo $HOME'], { process: { user, cwd, env: ['PATH=/bin'] } });
      expect((await run('user', '/home/user')).stdout).toBe('1000\n1000\n/home/user\n/home/user\n');
      expect((await run('daemon:audio', '/new/one')).stdout).toBe('1\n29\n/new/one\n/usr/sbin\n');
    });
  });

  it('looks its user up in the files that the container has now', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      await exec(container, ['sh', '-c', 'echo late:x:4711:4712::/tmp:/bin/sh >> /etc/passwd']);
      const { stdout } = await exec(container, ['sh', '-c', 'id -u; id -g'], { process: { user: 'late' } });
      expect(stdout).toBe('4711\n4712\n');
    });
  });

  it('fails by name when its command does not exist', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const error = await failure(exec(container, ['unexistent']));
      expect(error.message).toContain('executable file not found');
      expect(error.message).toContain('unexistent');
      expect(await container.processes()).toHaveLength(1);
    });
  });

  it('is killed with the first process', async () => {
    await box().using(box().config(), async (container) => {
      const first = await start(container, ['sleep', '100']);
      const others = await Promise.all([1, 2, 3].map(() => start(container, ['sleep', '100'])));
      first.process.signal('SIGKILL');
      for (const { result } of [first, ...others]) expect((await result).status).toBe(-9);
    });
  });

  it('runs beside many others', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, index) => exec(container, ['sh', '-c', `echo ${index}; exit ${index}`])),
      );
      expect(results.map(({ status, stdout }) => [status, stdout])).toEqual(
        Array.from({ length: 30 }, (_, index) => [index, `${index}\n`]),
      );
    });
  });
});

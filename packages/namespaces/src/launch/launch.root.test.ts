import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AT_FDCWD, Fd, invoke, type ProgramBuilder } from '@nsinit/syscall';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StepError } from './errors.ts';
import { parseStatusFile } from './exit-status.ts';
import { type LaunchOptions, launch, openNull } from './launch.ts';
import { type ChildContext, type LaunchPlan, type PlanOptions, planLaunch } from './plan.ts';

const children = () =>
  readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );

afterEach(async () => {
  await vi.waitFor(() => expect(children()).toEqual([]), { timeout: 5000, interval: 5 });
});

const shell =
  (script: string) =>
  (b: ProgramBuilder, { firstPrivate }: ChildContext) => {
    b.call('close_range', { first: firstPrivate, last: 0xffffffff, flags: ['CLOSE_RANGE_CLOEXEC'] });
    b.call('execve', { pathname: '/bin/sh', argv: ['sh', '-c', script], envp: ['PATH=/bin:/usr/bin'] });
  };

async function start(plan: LaunchPlan, options: Partial<LaunchOptions> = {}) {
  using nothing = openNull();
  return await launch(plan, { stdio: [nothing, nothing, nothing], ...options });
}

async function run(options: PlanOptions, script: string, own: Partial<LaunchOptions> = {}) {
  const launched = await start(planLaunch(options, shell(script)), own);
  const status = await launched.exited;
  launched.close();
  return status;
}

describe.each([true, false])('a launch, supervisor: %j', (supervisor) => {
  it('ends as its process does', async () => {
    expect(await run({ supervisor }, 'exit 7')).toMatchObject({ exitCode: 7 });
    expect(await run({ supervisor }, 'kill -KILL $$')).toMatchObject({ signal: 'SIGKILL' });
    expect(await run({ supervisor, newNamespaces: ['NEWPID'] }, '[ $$ = 1 ]')).toMatchObject({ exitCode: 0 });
  });

  it('lets the process wait behind a barrier until the caller is ready', async () => {
    const order: string[] = [];
    using output = new Fd(invoke('memfd_create', { name: 'output', flags: ['MFD_CLOEXEC'] }));
    using nothing = openNull();
    const launched = await launch(planLaunch({ supervisor, barrier: true }, shell('echo ran')), {
      stdio: [nothing, output, nothing],
      onCreated: async (pid) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push(readlinkSync(`/proc/${pid}/exe`).includes('nsexec') ? 'still ours' : 'gone on');
      },
    });
    expect(order).toEqual(['still ours']);
    expect(await launched.exited).toMatchObject({ exitCode: 0 });
    launched.close();
  });

  it('ends when the caller cannot get ready', async () => {
    const plan = planLaunch({ supervisor, barrier: true }, shell('exit 0'));
    const onCreated = () => Promise.reject(new Error('not ready'));
    await expect(start(plan, { onCreated })).rejects.toThrow('not ready');
  });

  it('tells the step that failed, while the process still stands there', async () => {
    const plan = planLaunch({ supervisor, newNamespaces: ['NEWUTS'] }, (b, child) => {
      b.call(
        'openat',
        { dirfd: AT_FDCWD, pathname: '/absent/file', flags: ['O_RDONLY'] },
        { what: 'look', field: 'some[3]' },
      );
      shell('exit 0')(b, child);
    });
    const seen: string[] = [];
    const explain = (error: StepError, pid: number | undefined) => {
      seen.push(readlinkSync(`/proc/${pid}/ns/uts`));
      return error;
    };
    const error = await start(plan, { explain }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StepError);
    expect(error).toMatchObject({ code: 'ENOENT', errno: 2, step: { what: 'look', field: 'some[3]', op: 'openat' } });
    expect((error as Error).message).toMatch(/^some\[3\]: look: openat\(.*"\/absent\/file".*\): ENOENT/);
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toBe(readlinkSync('/proc/self/ns/uts'));
  });

  it('tells the step of the outer process that failed', async () => {
    const joins = [{ kind: 'NEWNET', path: '/proc/self/ns/uts', field: 'namespaces[0]' }] as const;
    await expect(run({ supervisor, joins }, 'exit 0')).rejects.toMatchObject({
      code: 'EINVAL',
      step: { field: 'namespaces[0]', op: 'setns' },
    });
  });

  it('opens no process when a namespace is not there', async () => {
    const joins = [{ kind: 'NEWNET', path: '/absent/net' }] as const;
    await expect(run({ supervisor, joins }, 'exit 0')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'openat' });
  });
});

describe('a launch', () => {
  it('is recorded for others: who the process is, and how it ended', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nsinit-launch-'));
    const path = join(dir, 'record');
    const open = () =>
      new Fd(
        invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_RDWR', 'O_CREAT', 'O_CLOEXEC'], mode: 0o600 }),
      );
    try {
      const launched = await start(planLaunch({ statusFile: { name: 'record', open } }, shell('sleep 0.05; exit 9')));
      expect(parseStatusFile(readFileSync(path))).toEqual({ pid: launched.pid, exit: undefined });
      await launched.exited;
      expect(parseStatusFile(readFileSync(path))).toMatchObject({ pid: launched.pid, exit: { exitCode: 9 } });
      launched.close();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('says that nobody knows the end when its supervisor was killed', async () => {
    const launched = await start(planLaunch({}, shell('sleep 0.2')));
    const supervisor = Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${launched.pid}/status`, 'utf8'))![1]);
    process.kill(supervisor, 'SIGKILL');
    await expect(launched.exited).rejects.toThrow(/not known/);
    process.kill(launched.pid, 'SIGKILL');
    launched.close();
  });

  it('refuses a file that it was not given', async () => {
    const plan = planLaunch({ statusFile: { name: 'record' } }, shell('exit 0'));
    await expect(start(plan)).rejects.toThrow(/no file record/);
  });
});

import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AT_FDCWD, Fd, invoke, type ProgramBuilder } from '@nsinit/syscall';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StepError } from './errors.ts';
import { parseStatusFile } from './exit-status.ts';
import { launch, launchAdopting } from './launch.ts';
import { openNull } from './null.ts';
import { type ChildContext, type LaunchPlan, type PlanOptions, planLaunch } from './plan.ts';
import type { LaunchOptions } from './process.ts';

const children = () =>
  readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
  );

afterEach(async () => {
  await vi.waitFor(() => expect(children()).toEqual([]), { timeout: 5000, interval: 5 });
});

function pipe(): readonly [Fd, Fd] {
  const ends = new Int32Array(2);
  invoke('pipe2', { pipefd: new Uint8Array(ends.buffer), flags: ['O_CLOEXEC'] });
  return [new Fd(ends[0]!), new Fd(ends[1]!)];
}

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

describe('a supervisor that adopts', () => {
  /** A process that makes a child of its parent, which runs the script, and waits for its standard input to end. */
  const sibling =
    (script: string) =>
    (b: ProgramBuilder, context: ChildContext): void => {
      const made = b.label('made');
      b.branch(b.call('clone3', { cl_args: { flags: ['CLONE_PARENT'] } }), '!=', 0, made);
      shell(script)(b, context);
      b.place(made);
      shell('cat; exit 3')(b, context);
    };

  async function startSibling(script: string) {
    const dir = mkdtempSync(join(tmpdir(), 'nsinit-adopt-'));
    using nothing = openNull();
    const [input, output] = pipe();
    using _input = input;
    const path = join(dir, 'status');
    const record = (): Fd =>
      new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_RDWR', 'O_CREAT'], mode: 0o600 }));
    const plan = planLaunch({ adopts: true, statusFile: { name: 'record', open: record } }, sibling(script));
    const launched = await launchAdopting(plan, { stdio: [input, nothing, nothing] });
    const supervisor = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${launched.pid}/status`, 'utf8'))![1]);
    const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'utf8').trim().split(' ');
    const pid = Number(children.find((child) => Number(child) !== launched.pid));
    return {
      launched,
      pid,
      output,
      status: () => parseStatusFile(readFileSync(path)),
      done: () => rmSync(dir, { recursive: true }),
    };
  }

  it('waits for both and records the one that it was told of', async () => {
    const { launched, pid, output, status, done } = await startSibling('read line; exit 5');
    const adopted = launched.adopt(pid, new Fd(invoke('pidfd_open', { pid, flags: 0 })));
    expect(adopted.pid).toBe(pid);
    output.close();
    expect(await launched.exited).toMatchObject({ exitCode: 3 });
    launched.close();
    expect(await adopted.exited).toMatchObject({ exitCode: 5 });
    adopted.close();
    expect(status()).toMatchObject({ pid, exit: { exitCode: 5 } });
    done();
  });

  it('ends with the process when it was told of none', async () => {
    const { launched, output, status, done } = await startSibling('exit 5');
    expect(status().pid).toBe(undefined);
    output.close();
    expect(await launched.exited).toMatchObject({ exitCode: 3 });
    launched.close();
    expect(status()).toEqual({ pid: undefined, exit: undefined });
    done();
  });
});

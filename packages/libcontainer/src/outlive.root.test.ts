import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { fdAt, invoke } from '@nsinit/syscall';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Status } from './status.ts';
import { Agent, agentSource, bundle } from './testing/bundle.ts';
import { exec, failure, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();
let library: string;

beforeAll(async () => {
  library = await bundle(box());
});

const agent = (script: string, input?: unknown) => new Agent(script, { sandbox: box(), library, input });

/** Starts `sleep` in a container of its own and says its process id. */
const sleeper = `
  const container = await factory.create(input.id, input.config);
  const process_ = new lib.Process({ args: input.args ?? ['sleep', '100'], env });
  await container.start(process_, input.options ?? {});
  say(process_.pid());
`;

const parentOf = (pid: number) => Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);

describe('a container whose starter was killed', () => {
  it('lives on, is found, joined, and seen to its end', async () => {
    const id = box().nextId();
    const starter = agent(sleeper, { id, config: box().config() });
    const pid = (await starter.hear()) as number;
    await starter.kill();
    const container = await (await box().factory()).load(id);
    expect(await container.status()).toBe(Status.Running);
    expect((await container.state()).initProcessPid).toBe(pid);
    expect(await exec(container, ['ps', '-o', 'args'])).toMatchObject({ stdout: expect.stringContaining('sleep 100') });
    expect(await container.exitStatus()).toBe(undefined);
    expect(await failure(container.destroy())).toMatchObject({ code: 'ContainerNotStopped' });
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(async () => expect(await container.exitStatus()).toMatchObject({ signal: 'SIGKILL' }), {
      timeout: 5000,
      interval: 5,
    });
    expect(await container.status()).toBe(Status.Destroyed);
    await container.destroy();
  });

  it('may end by itself: its exit code is known', async () => {
    const id = box().nextId();
    const starter = agent(sleeper, { id, config: box().config(), args: ['sh', '-c', 'sleep 0.1; exit 23'] });
    await starter.hear();
    await starter.kill();
    const container = await (await box().factory()).load(id);
    await vi.waitFor(async () => expect(await container.exitStatus()).toMatchObject({ exitCode: 23 }), {
      timeout: 5000,
      interval: 5,
    });
    // And it can be started again by us.
    expect(await exec(container, ['true'])).toMatchObject({ status: 0 });
    await container.destroy();
  });

  it('lives on although its supervisor is killed too, but nobody knows its end', async () => {
    const id = box().nextId();
    const starter = agent(sleeper, { id, config: box().config() });
    const pid = (await starter.hear()) as number;
    await starter.kill();
    process.kill(parentOf(pid), 'SIGKILL');
    const container = await (await box().factory()).load(id);
    expect(await container.status()).toBe(Status.Running);
    await container.destroy({ force: true });
  });

  it('lives on without a supervisor as well', async () => {
    const id = box().nextId();
    const starter = agent(sleeper, { id, config: box().config(), options: { supervisor: false } });
    const pid = (await starter.hear()) as number;
    expect(parentOf(pid)).toBe(starter.pid);
    await starter.kill();
    const container = await (await box().factory()).load(id);
    expect(await container.status()).toBe(Status.Running);
    expect(await exec(container, ['true'])).toMatchObject({ status: 0 });
    await container.destroy({ force: true });
  });

  it('lets its starter end in peace when it asked for that', async () => {
    const id = box().nextId();
    const starter = agent(`${sleeper} process_.unref();`, { id, config: box().config() });
    await starter.hear();
    expect(await starter.ended).toBe(0);
    const container = await (await box().factory()).load(id);
    expect(await container.status()).toBe(Status.Running);
    await container.destroy({ force: true });
  });

  it.for([{ supervisor: true }, { supervisor: false }])('dies with it when it asked for that: %j', async (options) => {
    const id = box().nextId();
    const script = ['sh', '-c', 'trap "exit 7" TERM; while :; do sleep 0.01; done'];
    const starter = agent(sleeper, { id, config: box().config({ parentDeathSignal: 15 }), args: script, options });
    await starter.hear();
    const container = await (await box().factory()).load(id);
    // The trap stands when the shell has run its first command.
    await delay(30);
    expect(await container.status()).toBe(Status.Running);
    await starter.kill();
    await vi.waitFor(async () => expect(await container.status()).toBe(Status.Destroyed), {
      timeout: 5000,
      interval: 5,
    });
    if (options.supervisor)
      await vi.waitFor(async () => expect(await container.exitStatus()).toMatchObject({ exitCode: 7 }), {
        timeout: 5000,
        interval: 5,
      });
    await container.destroy();
  });
});

describe('inherited standard streams', () => {
  it('are those of the process that starts, and stay open there', async () => {
    const script = `
      const container = await factory.create(input.id, input.config);
      const streams = { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' };
      const shell = new lib.Process({ args: ['sh', '-c', 'echo "[1]"; echo error >&2; read line; echo "$line"'], env, ...streams });
      const whole = new lib.Process({ args: ['echo', '[2]'], env, stdout: process.stdout, stderr: process.stderr });
      for (const one of [shell, whole]) {
        await container.start(one);
        await one.wait();
      }
      await container.destroy();
      say('still open');
    `;
    const starter = agent(script, { id: box().nextId(), config: box().config() });
    expect(await starter.hear()).toEqual([1]);
    starter.type('["typed"]\n');
    expect([await starter.hear(), await starter.hear(), await starter.hear()]).toEqual([['typed'], [2], 'still open']);
    expect(await starter.ended).toBe(0);
    expect(starter.stderr).toBe('error\n');
  });
});

describe('a container that a worker thread started', () => {
  /** Runs a script in a thread of this process; settles with what it posted when the thread has ended. */
  const inWorker = async (script: string, input: unknown) => {
    const source = `
      const { parentPort } = require('node:worker_threads');
      (async () => { ${agentSource(script, { sandbox: box(), library, input }).replaceAll('process.stdout.write', 'parentPort.postMessage')} })();
    `;
    const worker = new Worker(source, { eval: true });
    const said: unknown[] = [];
    worker.on('message', (line: string) => said.push(JSON.parse(line)));
    await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
    return said;
  };

  it('runs as any other', async () => {
    const script = `
      const container = await factory.create(input.id, input.config);
      const { PassThrough } = await import('node:stream');
      const stdout = new PassThrough();
      const sleeping = new lib.Process({ args: ['sleep', '100'], env });
      await container.start(sleeping);
      const shell = new lib.Process({ args: ['sh', '-c', 'echo hello; exit 3'], env, stdout });
      await container.start(shell);
      say([(await shell.wait()).exitCode, stdout.read().toString()]);
      await container.destroy({ force: true });
      say((await sleeping.wait()).signal);
    `;
    expect(await inWorker(script, { id: box().nextId(), config: box().config() })).toEqual([[3, 'hello\n'], 'SIGKILL']);
  });

  it.for([
    { supervisor: true, parentDeathSignal: 9 },
    { supervisor: true, parentDeathSignal: 0 },
    { supervisor: false, parentDeathSignal: 0 },
  ])('lives on when the thread ends: %j', async ({ supervisor, parentDeathSignal }) => {
    const id = box().nextId();
    const script = `${sleeper} process.nextTick(() => process.exit(0));`;
    const config = box().config({ parentDeathSignal });
    const [pid] = (await inWorker(script, { id, config, options: { supervisor } })) as [number];
    const child = supervisor ? parentOf(pid) : pid;
    expect(parentOf(child)).toBe(process.pid);
    await delay(50);
    const container = await (await box().factory()).load(id);
    expect(await container.status()).toBe(Status.Running);
    expect((await container.state()).initProcessPid).toBe(pid);
    await container.destroy({ force: true });
    // It stays a child of this process, and the thread that would have waited for it is gone.
    invoke('waitid', { idtype: 'P_PID', id: fdAt(child), infop: null, options: ['WEXITED'] });
  });

  it('gets no signal that only the end of the thread would bring', async () => {
    const script = `
      const container = await factory.create(input.id, input.config);
      const error = await container.start(new lib.Process({ args: ['true'], env }), { supervisor: false }).catch((error) => error);
      say([error.code, error.field]);
      await container.destroy();
    `;
    const input = { id: box().nextId(), config: box().config({ parentDeathSignal: 9 }) };
    expect(await inWorker(script, input)).toEqual([['ConfigInvalid', 'parentDeathSignal']]);
  });
});

describe('a starter that is killed at any moment', () => {
  it('leaves what can be loaded and destroyed', async () => {
    const rounds = 36;
    const script = `
      say('go');
      const container = await factory.create(input.id, input.config);
      const sleeping = new lib.Process({ args: ['sleep', '100'], env });
      await container.start(sleeping, input.options);
      say('started');
    `;
    const seen = new Set<string>();
    const round = async (index: number) => {
      const id = box().nextId();
      const starter = agent(script, { id, config: box().config(), options: { supervisor: index % 2 === 0 } });
      await starter.hear();
      // A start takes some milliseconds.
      await delay((index / rounds) * 30);
      await starter.kill();
      const factory = await box().factory();
      try {
        const container = await factory.load(id);
        seen.add((await container.status()) === Status.Running ? 'running' : 'not running');
        await container.destroy({ force: true });
      } catch (error) {
        expect(error).toMatchObject({ code: 'ContainerNotExists' });
        seen.add('nothing');
      }
    };
    for (let index = 0; index < rounds; index += 3)
      await Promise.all([round(index), round(index + 1), round(index + 2)]);
    expect(seen.size).toBeGreaterThan(1);
  });
});

describe('two processes at one container', () => {
  it('start and destroy it in turn, never half', async () => {
    const id = box().nextId();
    const script = `
      const outcomes = [];
      for (let i = 0; i < 15; i++) {
        try {
          const container = await factory.create(input.id, input.config).catch(() => factory.load(input.id));
          if (input.destroys) await container.destroy({ force: true });
          else {
            const shell = new lib.Process({ args: ['sh', '-c', 'exit 5'], env });
            await container.start(shell);
            const { exitCode, signal } = await shell.wait();
            outcomes.push(exitCode ?? signal);
            continue;
          }
          outcomes.push('destroyed');
        } catch (error) { outcomes.push(error.code + ': ' + error.message); }
      }
      say(outcomes);
    `;
    const starter = agent(script, { id, config: box().config() });
    const destroyer = agent(script, { id, config: box().config(), destroys: true });
    const outcomes = [await starter.hear(), await destroyer.hear()].flat() as string[];
    for (const outcome of outcomes)
      expect(String(outcome)).toMatch(/^(5|SIGKILL|destroyed|ContainerNotExists: .*|ContainerNotRunning: .*)$/);
    await Promise.all([starter.ended, destroyer.ended]);
    const left = await (await box().factory()).load(id).catch(() => undefined);
    await left?.destroy({ force: true });
  });
});

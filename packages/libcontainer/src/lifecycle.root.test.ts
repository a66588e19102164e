import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { nsexecPath } from '@nsinit/namespaces';
import { describe, expect, it } from 'vitest';
import { Process } from './process/process.ts';
import { Status } from './status.ts';
import { capturedProcess, environment, exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

describe('many starts', () => {
  it('run at once, each with its own', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const config = box().config({ hostname: `host${index}` });
        return await box().runContainer(config, ['sh', '-c', `hostname; exit ${index}`]);
      }),
    );
    expect(results).toEqual(
      Array.from({ length: 50 }, (_, index) => ({ stdout: `host${index}\n`, stderr: '', status: index })),
    );
  });

  it('of one container at once are one first process and those who join it', async () => {
    await box().using(box().config(), async (container) => {
      const running = await Promise.all(Array.from({ length: 10 }, () => start(container, ['sleep', '100'])));
      const pids = running.map(({ process }) => process.pid()).sort((a, b) => a - b);
      expect([...(await container.processes())].sort((a, b) => a - b)).toEqual(pids);
      expect((await exec(container, ['sh', '-c', 'ps -o args | grep -c "^sleep"'])).stdout).toBe('10\n');
      await container.destroy({ force: true });
      for (const { result } of running) expect((await result).status).toBe(-9);
    });
  });
});

describe('a process', () => {
  it('can be started once', async () => {
    await box().using(box().config(), async (container) => {
      const { process } = capturedProcess(['sleep', '100']);
      await container.start(process);
      expect(await failure(container.start(process))).toMatchObject({ code: 'SystemError', step: 'start' });
      expect(await container.processes()).toEqual([process.pid()]);
    });
  });

  it('can be started once, even by two callers at the same time', async () => {
    await box().using(box().config(), async (container) => {
      const { process } = capturedProcess(['sleep', '100']);
      const outcomes = await Promise.allSettled([container.start(process), container.start(process)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(await container.processes()).toEqual([process.pid()]);
    });
  });

  it('has no id, no end and no signals before its start', async () => {
    const { process } = capturedProcess(['true']);
    expect(() => process.pid()).toThrow(expect.objectContaining({ code: 'ProcessNotExecuted' }));
    expect(() => process.signal('SIGTERM')).toThrow(expect.objectContaining({ code: 'ProcessNotExecuted' }));
    expect(await failure(process.wait())).toMatchObject({ code: 'ProcessNotExecuted' });
  });

  it('takes signals by name and number, and none after its end', async () => {
    await box().using(box().config(), async (container) => {
      const script = 'trap "echo usr1" USR1; trap "echo rt; exit 0" 34; echo ready; while :; do sleep 0.01; done';
      const { process, stdout, result } = await start(container, ['sh', '-c', script]);
      await stdout.until(/ready/);
      process.signal('SIGUSR1');
      await stdout.until(/usr1/);
      expect(() => process.signal('SIGNONE' as NodeJS.Signals)).toThrow(/unsupported signal/);
      process.signal(34);
      expect(await result).toMatchObject({ status: 0, stdout: 'ready\nusr1\nrt\n' });
      process.signal('SIGKILL');
    });
  });

  it('keeps what it wrote for who waits late', async () => {
    await box().using(box().config(), async (container) => {
      const { process, stdout } = capturedProcess(['echo', 'early']);
      await container.start(process);
      await delay(30);
      expect((await process.wait()).exitCode).toBe(0);
      expect((await process.wait()).exitCode).toBe(0);
      expect(stdout.text()).toBe('early\n');
    });
  });
});

describe('without a supervisor', () => {
  const options = { supervisor: false };

  it('the process is our own child, and its end is seen', async () => {
    expect(await box().runContainer(box().config(), ['sh', '-c', 'echo hi; exit 4'], options)).toEqual({
      stdout: 'hi\n',
      stderr: '',
      status: 4,
    });
    await box().using(box().config(), async (container) => {
      const { process, result } = await start(container, ['sleep', '100'], options);
      const joined = await start(container, ['sh', '-c', 'sleep 100'], options);
      joined.process.signal('SIGKILL');
      expect((await joined.result).status).toBe(-9);
      expect(await container.status()).toBe(Status.Running);
      process.signal('SIGKILL');
      expect((await result).status).toBe(-9);
      expect(await container.status()).toBe(Status.Destroyed);
    });
  });

  it('many run at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        box().runContainer(box().config(), ['sh', '-c', `exit ${index}`], options),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });
});

describe('a start that is called off', () => {
  it('before it begins, does nothing', async () => {
    await box().using(box().config(), async (container) => {
      const signal = AbortSignal.abort(new Error('called off'));
      expect((await failure(start(container, ['true'], { signal }))).message).toMatch(/called off/);
      expect(await container.status()).toBe(Status.Destroyed);
    });
  });

  it('at any moment, leaves nothing, or a process that runs', async () => {
    const outcomes = { started: 0, ended: 0 };
    for (const supervisor of [true, false])
      for (let turns = 0; turns < 30; turns++)
        await box().using(box().config(), async (container) => {
          const abort = new AbortController();
          const starting = start(container, ['sleep', '100'], { signal: abort.signal, supervisor });
          starting.catch(() => {});
          for (let turn = 0; turn < turns; turn++) await nextTurn();
          abort.abort(new Error('called off'));
          try {
            const { process } = await starting;
            expect(await container.status()).toBe(Status.Running);
            process.signal('SIGKILL');
            outcomes.started++;
          } catch (error) {
            expect((error as Error).message).toMatch(/called off/);
            expect(await container.status()).toBe(Status.Destroyed);
            outcomes.ended++;
          }
        });
    expect(outcomes.ended).toBeGreaterThan(0);
  });

  it('while it waits for the lock of another, ends', async () => {
    const config = box().config({
      mounts: [
        ...box().config().mounts!,
        {
          source: 'tmpfs',
          destination: '/tmp',
          device: 'tmpfs',
          flags: 0,
          premountCmds: [{ path: '/bin/sh', args: ['-c', 'sleep 0.3'] }],
        },
      ],
    });
    await box().using(config, async (container) => {
      const slow = start(container, ['sleep', '100']);
      await delay(50);
      const other = await (await box().factory()).load(container.id);
      const signal = AbortSignal.timeout(20);
      expect(await failure(start(other, ['true'], { signal }))).toBeDefined();
      const { process } = await slow;
      expect(await container.processes()).toEqual([process.pid()]);
    });
  });

  it('a premount command that hangs is killed with it', async () => {
    const config = box().config({
      mounts: [
        ...box().config().mounts!,
        {
          source: 'tmpfs',
          destination: '/tmp',
          device: 'tmpfs',
          flags: 0,
          premountCmds: [{ path: '/bin/sleep', args: ['100'] }],
        },
      ],
    });
    await box().using(config, async (container) => {
      expect((await failure(start(container, ['true'], { signal: AbortSignal.timeout(50) }))).name).toMatch(
        /Timeout|ContainerError/,
      );
    });
  });
});

describe('another executor', () => {
  it('may be named, and is not left open', async () => {
    const factory = await box().factory({ initPath: nsexecPath() });
    const container = await factory.create(box().nextId(), box().config());
    expect(await exec(container, ['true'])).toMatchObject({ status: 0 });
    await container.destroy();
  });

  it('that does not exist is said so', async () => {
    const factory = await box().factory({ initPath: '/absent/nsexec' });
    const container = await factory.create(box().nextId(), box().config());
    const error = await failure(exec(container, ['true']));
    expect(error).toMatchObject({ name: 'ContainerError', errno: 'ENOENT' });
    expect(error.message).toContain('/absent/nsexec');
    await container.destroy();
  });

  it('that is none is said so', async () => {
    const factory = await box().factory({ initPath: '/bin/true' });
    const container = await factory.create(box().nextId(), box().config());
    expect(await failure(exec(container, ['true']))).toMatchObject({ name: 'ContainerError', code: 'SystemError' });
    await container.destroy();
  });
});

describe('a trace', () => {
  it('tells the phases of a start in order', async () => {
    const phases: string[] = [];
    const times: number[] = [];
    const trace = (phase: string, elapsedMs: number) => {
      phases.push(phase);
      times.push(elapsedMs);
    };
    const factory = await box().factory({ trace });
    const container = await factory.create(box().nextId(), box().config());
    const process = new Process({ args: ['true'], env: environment });
    await container.start(process);
    await process.wait();
    expect(phases[0]).toBe('locked');
    expect(phases.at(-1)).toBe('started');
    expect(times).toEqual([...times].sort((a, b) => a - b));
    await container.destroy();
  });

  it('is not needed to print the plan of a start, first or joining', async () => {
    await box().using(box().config(), async (container) => {
      const process = new Process({ args: ['true'], env: environment });
      const first = await container.plan(process);
      expect(first.some(({ op }) => op === 'clone3')).toBe(true);
      expect(first.find(({ field }) => field === 'mounts[0]')?.what).toMatch(/\/proc/);
      await start(container, ['sleep', '100']);
      const joining = await container.plan(process);
      expect(joining.length).toBeLessThan(first.length);
      expect(joining.some(({ op }) => op === 'setns')).toBe(true);
    });
  });
});

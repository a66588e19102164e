import { type Fd, hostArch, ProgramBuilder } from '@nsinit/syscall';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Architecture, AUDIT_ARCH } from './architecture.ts';
import { encodeData, runBpf } from './bpf/simulate.ts';
import { compileFilter } from './compile/compile.ts';
import { OWN_CALL } from './compile/split.ts';
import { SeccompError } from './errors.ts';
import { callNames, callsFor, filters } from './fixtures/arbitrary.ts';
import {
  type Compiled,
  compileProbe,
  type Filtered,
  type FilteredOptions,
  probe,
  runFiltered,
} from './fixtures/kernel.ts';
import { compileSeccomp } from './install.ts';
import { type Action, decodeAction, errnoAction } from './model/action.ts';
import type { Filter, Rule } from './model/filter.ts';
import { Listener } from './notify/listener.ts';
import { listenerSocket, receiveListener } from './notify/receive.ts';
import type { NotifyRequest } from './notify/request.ts';
import { parseLegacySeccomp } from './parse/legacy.ts';
import { defaultProfile } from './profiles/default.ts';
import { LEVELS } from './profiles/levels.ts';
import { syscallNumber } from './syscalls/lookup.ts';

let program: Compiled;
beforeAll(() => {
  program = compileProbe();
});
afterAll(() => program[Symbol.dispose]());

const allowing = (...rules: Rule[]): Filter => ({ defaultAction: { kind: 'ALLOW' }, rules });
const on = (action: Action, ...syscalls: string[]): Filter => allowing({ syscalls, action });
const shell = (filter: Filter, script: string): Promise<Filtered> =>
  runFiltered(filter, ['/usr/bin/busybox', 'sh', '-c', script]);

describe('a filter in force', () => {
  test('makes a call fail with its errno, the largest and none included', async () => {
    const filter = allowing(
      { syscalls: ['chown'], action: errnoAction(1) },
      { syscalls: ['getuid'], action: errnoAction(4095) },
      { syscalls: ['getgid'], action: errnoAction(0) },
    );
    const calls = ['chown', 'getuid', 'getgid', 'getpid'].map((syscall) => ({ syscall }));
    const { results, status } = await probe(program, filter, calls);
    expect(results).toEqual([-1n, -4095n, 0n, 1n]);
    expect(status.exitCode).toBe(0);
  });

  test('chown is not permitted, as a shell says it', async () => {
    const filter = parseLegacySeccomp({
      syscalls: ['chown', 'fchown', 'lchown', 'fchownat'].map((value) => ({ value, action: 1 })),
    });
    const { output, status } = await shell(filter, 'busybox chown 1:1 /dev/null');
    expect(output).toContain('Operation not permitted');
    expect(status.exitCode).toBe(1);
  });

  test.each(['KILL_PROCESS', 'KILL_THREAD', 'TRAP'] as const)('%s ends the process with SIGSYS', async (kind) => {
    const { results, status } = await probe(program, on({ kind }, 'getuid'), [
      { syscall: 'getpid' },
      { syscall: 'getuid' },
    ]);
    expect(results).toEqual([1n]);
    expect(status.signal).toBe('SIGSYS');
  });

  test('LOG lets the call be made, TRACE without a tracer does not', async () => {
    const filter = allowing(
      { syscalls: ['getpid'], action: { kind: 'LOG' } },
      { syscalls: ['getppid'], action: { kind: 'TRACE', message: 7 } },
    );
    const { results } = await probe(program, filter, [{ syscall: 'getpid' }, { syscall: 'getppid' }]);
    expect(results).toEqual([1n, -38n]);
  });

  test('compares arguments of 64 bits', async () => {
    const filter = allowing({
      syscalls: ['getpid'],
      action: errnoAction(5),
      when: [[{ index: 1, op: 'GT', value: 2n ** 32n }], [{ index: 2, op: 'MASKED_EQ', mask: 0xf0, value: 0x30 }]],
    });
    const calls = [
      [0, 2n ** 32n],
      [0, 2n ** 32n + 1n],
      [0, 0, 0x1f],
      [0, 0, 0x3f],
    ].map((args) => ({ syscall: 'getpid', args }));
    const { results } = await probe(program, filter, calls);
    expect(results).toEqual([1n, -5n, 1n, -5n]);
  });

  test.each([['TSYNC'], ['LOG'], ['SPEC_ALLOW'], ['TSYNC', 'LOG', 'SPEC_ALLOW']] as const)(
    'flags %s',
    async (...flags) => {
      const filter = { ...on(errnoAction(1), 'getuid'), flags };
      const { results } = await probe(program, filter, [{ syscall: 'getuid' }]);
      expect(results).toEqual([-1n]);
    },
  );

  test.skipIf(process.arch !== 'x64')('x86 and x32 are no way around it', async () => {
    const filter = on(errnoAction(1), 'getuid');
    const run = (architecture: Architecture, more: Partial<Filter> = {}) =>
      probe(program, { ...filter, ...more }, [{ syscall: 'getuid', architecture }]);
    for (const architecture of ['x86', 'x32'] as const) expect((await run(architecture)).status.signal).toBe('SIGSYS');
    expect((await run('x86', { architectures: ['x86'] })).results).toEqual([-1n]);
    expect((await run('x32', { architectures: ['x32'] })).results).toEqual([-1n]);
    expect((await run('x86', { foreignAction: errnoAction(38) })).results).toEqual([-38n]);
  });

  test('the kernel and the simulator agree on random filters', async () => {
    const names = ['getpid', 'getuid', 'geteuid', 'getgid', 'getegid', 'getppid'];
    const architectures: readonly Architecture[] = process.arch === 'x64' ? ['x86_64', 'x86'] : ['arm64'];
    const actions = fc.oneof(
      fc.constant<Action>({ kind: 'ALLOW' }),
      fc.integer({ min: 1, max: 4095 }).map(errnoAction),
    );
    const sampled = fc.sample(fc.tuple(filters, fc.array(actions, { minLength: 60, maxLength: 60 })), {
      numRuns: 60,
      seed: 3,
    });
    let denied = 0;
    for (const [{ filter }, replacements] of sampled) {
      // The rules of any call, said of calls that do no harm.
      const rules = filter.rules.map((rule, index) => ({
        ...rule,
        syscalls: [names[callNames.indexOf(rule.syscalls[0] as never) % names.length]!],
        action: replacements[index % replacements.length]!,
      }));
      const safe = allowing(...withoutContradictions(rules));
      const real = { ...safe, architectures: [...architectures] };
      const calls = callsFor({ filter: real, machine: hostArch() }, 150, denied).flatMap(({ args }, index) =>
        names.map((syscall) => ({
          syscall,
          args: args as bigint[],
          architecture: architectures[index % architectures.length]!,
        })),
      );
      const { results } = await probe(program, real, calls);
      expect(results).toHaveLength(calls.length);
      const compiled = compileFilter(real);
      calls.forEach(({ syscall, args, architecture }, index) => {
        const seen = architecture === 'x86' ? args.map((value) => BigInt.asUintN(32, value)) : args;
        const nr = syscallNumber(architecture, syscall)!;
        const action = decodeAction(runBpf(compiled, encodeData({ nr, arch: AUDIT_ARCH[architecture], args: seen })));
        const errno = action.kind === 'ERRNO' ? action.errno : 0;
        if (errno > 0) denied++;
        const real = results[index]! < 0n ? -results[index]! : 0n;
        expect([architecture, syscall, seen, real]).toEqual([architecture, syscall, seen, BigInt(errno)]);
      });
    }
    expect(denied).toBeGreaterThan(1000);
  });

  test('a call that is newer than the profile does not exist', async () => {
    const { results } = await probe(program, defaultProfile(), [{ syscall: 1000 }, { syscall: 'unshare' }]);
    expect(results).toEqual([-38n, -1n]);
  });

  test('the default profile runs a shell and denies namespaces', async () => {
    const { output } = await shell(defaultProfile(), 'busybox uname -s; busybox unshare -U true; echo $?');
    expect(output).toMatch(/^Linux\n.*Operation not permitted\n1\n$/s);
  });

  test.each(['high', 'medium', 'low'] as const)('the level %s runs a shell and denies what it names', async (name) => {
    const { output } = await shell(
      LEVELS[name],
      'echo runs; busybox unshare -m true; busybox chroot / true && echo chroot',
    );
    expect(output).toMatch(/^runs\n/);
    expect(output).toContain('Operation not permitted');
    expect(output.includes('\nchroot\n')).toBe(name === 'low');
  });
});

/** The rules that a filter takes: of those that contradict an earlier one, none. */
function withoutContradictions(rules: readonly Rule[]): readonly Rule[] {
  const kept: Rule[] = [];
  for (const rule of rules)
    try {
      compileFilter(allowing(...kept, rule));
      kept.push(rule);
    } catch (error) {
      if (!(error instanceof SeccompError)) throw error;
    }
  return kept;
}

/** Runs the probe under a filter with a listener, and answers its calls. */
async function notified(
  filter: Filter,
  calls: Parameters<typeof probe>[2],
  serve: (listener: Listener, pid: number) => Promise<void>,
  install: FilteredOptions['install'] = {},
): Promise<Filtered> {
  const [here, there] = listenerSocket();
  using socket: Fd = here;
  return await probe(program, filter, calls, {
    install,
    listener: ({ descriptor }) => descriptor('listener', () => there),
    meanwhile: async (pid) => {
      using listener = receiveListener(socket)!;
      await serve(listener, pid);
    },
  });
}

const ask: Rule[] = [{ syscalls: ['getuid'], action: { kind: 'NOTIFY' } }];

describe('NOTIFY', () => {
  const answer =
    (each: (request: NotifyRequest, pid: number) => unknown) => async (listener: Listener, pid: number) => {
      for await (const request of listener.requests()) await each(request, pid);
    };

  test('calls are answered, refused and let through, and the iteration ends with the process', async () => {
    const seen: unknown[] = [];
    const { results, status } = await notified(
      on({ kind: 'NOTIFY' }, 'getuid', 'getgid', 'getpid'),
      [{ syscall: 'getuid', args: [1, 2n ** 40n] }, { syscall: 'getgid' }, { syscall: 'getpid' }],
      answer((request, pid) => {
        seen.push([request.name, request.pid === pid, request.isValid(), request.args.slice(0, 2)]);
        if (request.name === 'getuid') request.succeed(4711);
        else if (request.name === 'getgid') request.fail(13);
        else request.continue();
      }),
    );
    expect(results).toEqual([4711n, -13n, 1n]);
    expect(status.exitCode).toBe(0);
    expect(seen).toEqual([
      ['getuid', true, true, [1n, 2n ** 40n]],
      ['getgid', true, true, [0n, 0n]],
      ['getpid', true, true, [0n, 0n]],
    ]);
  });

  test('a descriptor is added, and the call answered with it', async () => {
    const { results } = await notified(
      on({ kind: 'NOTIFY' }, 'getuid'),
      [{ syscall: 'getuid' }, { syscall: 'getuid' }, { syscall: 'fcntl', args: [40, 1] }],
      answer((request) => {
        if (request.addFd({ fd: 0 }, { at: 40, closeOnExec: false }) === undefined)
          throw new Error('the caller is gone');
        expect(request.addFd({ fd: 0 }, { answer: true })).toBeGreaterThan(2);
      }),
    );
    expect(results[0]).toBeGreaterThan(2n);
    expect(results[1]).toBe(results[0]! + 1n);
    expect(results[2]).toBe(0n);
  });

  test('memory of the caller is read', async () => {
    const instructions: unknown[] = [];
    const read = answer((request) => {
      instructions.push(request.readMemory(request.instructionPointer - 2n, 2)?.toString('hex'));
      request.succeed();
    });
    await notified(on({ kind: 'NOTIFY' }, 'getuid'), [{ syscall: 'getuid' }], read);
    if (process.arch === 'x64') expect(instructions).toEqual(['0f05']);
    else expect(instructions).toHaveLength(1);
  });

  test('who was killed while waiting gets no answer', async () => {
    const outcomes: unknown[] = [];
    const { status } = await notified(
      on({ kind: 'NOTIFY' }, 'getuid'),
      [{ syscall: 'getuid' }],
      answer(async (request, pid) => {
        process.kill(pid, 'SIGKILL');
        while (request.isValid()) await new Promise((resolve) => setTimeout(resolve, 1));
        outcomes.push(request.isValid(), request.succeed(), request.continue(), request.addFd({ fd: 0 }));
      }),
    );
    expect(status.signal).toBe('SIGKILL');
    expect(outcomes).toEqual([false, false, false, undefined]);
  });

  test('waiting ends when it is aborted', async () => {
    const filter = on({ kind: 'NOTIFY' }, 'getuid');
    await notified(filter, [{ syscall: 'getuid' }], async (listener) => {
      const first = await listener.requests().next();
      const controller = new AbortController();
      const waiting = listener.requests({ signal: controller.signal }).next();
      controller.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      (first.value as NotifyRequest).succeed();
    });
  });

  // What the process does between its filter and its program must not depend on the filter.
  test.each<[string, Filter]>([
    ['denies sendmsg', allowing(...ask, { syscalls: ['sendmsg', 'seccomp', 'sendto'], action: errnoAction(1) })],
    ['kills on sendmsg', allowing(...ask, { syscalls: ['sendmsg'], action: { kind: 'KILL_PROCESS' } })],
    ['asks about sendmsg', allowing(...ask, { syscalls: ['sendmsg', 'seccomp'], action: { kind: 'NOTIFY' } })],
    [
      'denies all but what the program needs',
      {
        defaultAction: errnoAction(38),
        rules: [...ask, { syscalls: ['execve', 'write', 'exit_group'], action: { kind: 'ALLOW' } }],
      },
    ],
  ])('the listener comes from a filter that %s', async (_, filter) => {
    const { results } = await notified(
      filter,
      [
        { syscall: 'getuid' },
        { syscall: 'sendmsg', args: [-1, 0, OWN_CALL] },
        { syscall: 'seccomp', args: [9, OWN_CALL] },
      ],
      answer((request) => (request.name === 'getuid' ? request.succeed(5) : request.continue())),
    );
    expect(results[0]).toBe(5n);
    // The sign of our own calls is no way around the filter.
    for (const result of results.slice(1)) expect([-1n, -38n]).toContain(result);
  });

  test('everything is asked about, the program itself included', async () => {
    const names: unknown[] = [];
    const filter: Filter = { defaultAction: { kind: 'NOTIFY' }, rules: [] };
    let served: Promise<void> | undefined;
    const { results, status } = await probe(program, filter, [{ syscall: 'getpid' }], {
      onListener: (fd) => {
        served = (async () => {
          using listener = new Listener(fd);
          for await (const request of listener.requests()) {
            names.push(request.name);
            request.continue();
          }
        })();
      },
    });
    await served;
    expect({ results, exitCode: status.exitCode }).toEqual({ results: [1n], exitCode: 0 });
    expect(names.slice(0, 2)).toEqual(['execve', 'getpid']);
  });

  test('with TSYNC and WAIT_KILLABLE_RECV', async () => {
    const filter = on({ kind: 'NOTIFY' }, 'getuid');
    const install = { flags: ['TSYNC', 'WAIT_KILLABLE_RECV'] as const };
    const { results } = await notified(
      filter,
      [{ syscall: 'getuid' }],
      answer((request) => request.succeed(9)),
      install,
    );
    expect(results).toEqual([9n]);
  });
});

describe('filters that would keep the process from its program', () => {
  const compile = (filter: Filter, options: Parameters<typeof compileSeccomp>[2] = {}) =>
    compileSeccomp(new ProgramBuilder(), filter, options);

  test.each([
    [on(errnoAction(1), 'execve'), {}, 'execve gets ERRNO, but the process has to make it to be started; allow execve'],
    [on({ kind: 'NOTIFY' }, 'getuid'), {}, 'a rule says NOTIFY and there is no listener'],
    [
      on(errnoAction(1), 'getuid'),
      { flags: ['NEW_LISTENER'] as const },
      'NEW_LISTENER without a rule that says NOTIFY',
    ],
    [on(errnoAction(1), 'getuid'), { flags: ['SYNC' as 'TSYNC'] }, 'unknown flag SYNC'],
  ])('are refused before anything starts: %#', (filter, options, message) => {
    expect(() => compile(filter, options)).toThrow(SeccompError);
    expect(() => compile(filter, options)).toThrow(message);
  });
});

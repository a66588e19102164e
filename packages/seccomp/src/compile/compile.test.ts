import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIT_ARCH } from '../architecture.ts';
import { checkProgram, encodeData, runBpf } from '../bpf/simulate.ts';
import { explain } from '../explain.ts';
import { callsFor, filters } from '../fixtures/arbitrary.ts';
import { verdict } from '../fixtures/oracle.ts';
import { encodeAction, errnoAction } from '../model/action.ts';
import type { Filter } from '../model/filter.ts';
import { compileFilter } from './compile.ts';

const conditional = (count: number): Filter => ({
  defaultAction: errnoAction(1),
  rules: Array.from({ length: count }, (_, nr) => ({
    syscalls: [nr],
    action: errnoAction((nr % 4000) + 2),
    when: [[{ index: nr % 6, op: 'EQ' as const, value: BigInt(nr) * 0x1_0000_0001n }]],
  })),
});

describe('compileFilter', () => {
  test('random filters do what their rules say', () => {
    fc.assert(
      fc.property(filters, fc.nat(), (one, seed) => {
        const program = compileFilter(one.filter, { machine: one.machine });
        checkProgram(program);
        for (const call of callsFor(one, 40, seed))
          expect(runBpf(program, encodeData(call))).toBe(verdict(one.filter, one.machine, call));
      }),
      { numRuns: 200 },
    );
  });

  test('the order of rules has no meaning', () => {
    const shuffled = filters.chain((one) =>
      fc.tuple(fc.constant(one), fc.shuffledSubarray([...one.filter.rules], { minLength: one.filter.rules.length })),
    );
    fc.assert(
      fc.property(shuffled, ([{ filter, machine }, rules]) => {
        expect(compileFilter({ ...filter, rules }, { machine })).toEqual(compileFilter(filter, { machine }));
      }),
      { numRuns: 100 },
    );
  });

  test.each([90, 200, 400, 600])('jumps in a filter of %i conditional calls lead where they should', (count) => {
    const filter = conditional(count);
    const program = compileFilter(filter, { machine: 'x64' });
    checkProgram(program);
    for (let nr = 0; nr <= count; nr++)
      for (const value of [BigInt(nr) * 0x1_0000_0001n, BigInt(nr)]) {
        const call = { nr, arch: AUDIT_ARCH.x86_64, args: Array.from({ length: 6 }, () => value) };
        expect(runBpf(program, encodeData(call))).toBe(verdict(filter, 'x64', call));
      }
  });

  test('of several rules that hold the most restrictive wins', () => {
    const filter: Filter = {
      defaultAction: errnoAction(1),
      rules: [
        { syscalls: ['kill'], action: { kind: 'ALLOW' } },
        { syscalls: ['kill'], action: { kind: 'LOG' }, when: [[{ index: 1, op: 'GT', value: 5 }]] },
        { syscalls: ['kill'], action: { kind: 'TRAP' }, when: [[{ index: 1, op: 'EQ', value: 9 }]] },
      ],
    };
    const [program, arch] = [compileFilter(filter, { machine: 'x64' }), AUDIT_ARCH.x86_64];
    const kinds = [5, 6, 9].map((signal) => runBpf(program, encodeData({ nr: 62, arch, args: [1, signal] })));
    expect(kinds).toEqual((['ALLOW', 'LOG', 'TRAP'] as const).map((kind) => encodeAction({ kind })));
  });

  test('what is said of a call of x86 holds for the same by socketcall, unless that is named', () => {
    const only = { index: 0, op: 'EQ' as const, value: 1 };
    const outcome = (rules: Filter['rules'], ...args: number[]) => {
      const filter: Filter = { defaultAction: errnoAction(1), architectures: ['x86'], rules };
      const program = compileFilter(filter, { machine: 'x64' });
      const explained = explain(filter, 'socketcall', args, { machine: 'x64', architecture: 'x86' });
      const value = runBpf(program, encodeData({ nr: 102, arch: AUDIT_ARCH.x86, args }));
      expect(encodeAction(explained.action)).toBe(value);
      return explained.action;
    };
    const allow = { kind: 'ALLOW' } as const;
    expect(outcome([{ syscalls: ['socket', 'bind'], action: allow }], 1)).toEqual(allow);
    expect(outcome([{ syscalls: ['socket', 'bind'], action: allow }], 3)).toEqual(errnoAction(1));
    const conditional = { syscalls: ['socket'], action: allow, when: [[only]] };
    expect(outcome([conditional], 1)).toEqual(errnoAction(1));
    expect(outcome([conditional, { syscalls: ['socketcall'], action: allow }], 1)).toEqual(allow);
    const denied = { syscalls: ['socket'], action: errnoAction(97) };
    expect(outcome([denied, { syscalls: ['socketcall'], action: allow }], 1)).toEqual(errnoAction(97));
    const semop = [{ syscalls: ['semop'], action: allow }];
    const ipc = explain({ defaultAction: errnoAction(1), architectures: ['x86'], rules: semop }, 'ipc', [0x10001], {
      machine: 'x64',
      architecture: 'x86',
    });
    expect(ipc.action).toEqual(allow);
  });

  test('a test whose outcome is known is not made', () => {
    const values = [1, 2, 3, 4, 5, 6, 7, 8];
    const rules: Filter['rules'] = [
      {
        syscalls: ['personality'],
        action: errnoAction(1),
        when: values.map((value) => [{ index: 0, op: 'EQ', value }]),
      },
    ];
    const program = compileFilter({ defaultAction: { kind: 'ALLOW' }, rules }, { machine: 'x64' });
    expect(program.filter(({ code, k }) => code === 0x20 && k >= 16).length).toBe(2);
  });

  test('numbers beyond the newest call that was known get ENOSYS, those of x32 and arm included', () => {
    const filter: Filter = {
      defaultAction: errnoAction(1),
      newest: 'named',
      architectures: ['x86', 'x32', 'arm'],
      rules: [{ syscalls: ['read', 'cachestat', 'cacheflush'], action: { kind: 'ALLOW' } }],
    };
    const enosys = encodeAction(errnoAction(38));
    const eperm = encodeAction(errnoAction(1));
    const run = (machine: 'x64' | 'arm64', arch: number, nr: number) =>
      runBpf(compileFilter(filter, { machine }), encodeData({ nr, arch }));
    const cachestat = 451;
    for (const [machine, arch, bit] of [
      ['x64', AUDIT_ARCH.x86_64, 0],
      ['x64', AUDIT_ARCH.x86, 0],
      ['x64', AUDIT_ARCH.x32, 0x40000000],
      ['arm64', AUDIT_ARCH.arm64, 0],
      ['arm64', AUDIT_ARCH.arm, 0],
    ] as const) {
      expect(run(machine, arch, cachestat - 1 + bit)).toBe(eperm);
      expect(run(machine, arch, cachestat + 1 + bit)).toBe(enosys);
      expect(run(machine, arch, 5000 + bit)).toBe(enosys);
    }
    expect(run('x64', AUDIT_ARCH.x32, 0x40000000 + 520)).toBe(eperm);
    expect(run('arm64', AUDIT_ARCH.arm, 0xf0002)).toBe(encodeAction({ kind: 'ALLOW' }));
    expect(run('arm64', AUDIT_ARCH.arm, 0xf0005)).toBe(eperm);
    expect(run('x64', AUDIT_ARCH.x86_64, 0xffffffff)).toBe(enosys);
    expect(explain(filter, 452, [], { machine: 'x64' }).cause).toBe('unknown');
  });

  test('explain says what the program does', () => {
    fc.assert(
      fc.property(filters, fc.nat(), ({ filter, machine }, seed) => {
        for (const call of callsFor({ filter, machine }, 10, seed)) {
          const native = machine === 'x64' ? AUDIT_ARCH.x86_64 : AUDIT_ARCH.arm64;
          if (call.arch !== native || call.nr >= 0x40000000) continue;
          const { action, rule } = explain(filter, call.nr, call.args, { machine });
          expect(encodeAction(action)).toBe(verdict(filter, machine, call));
          if (rule !== undefined) expect(filter.rules[rule]?.action).toEqual(action);
        }
      }),
      { numRuns: 100 },
    );
  });
});

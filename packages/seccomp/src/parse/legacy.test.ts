import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIT_ARCH, X32_BIT } from '../architecture.ts';
import { BPF } from '../bpf/instruction.ts';
import { simulate } from '../bpf/simulate.ts';
import { compileFilter } from '../compile/compile.ts';
import { decodeAction, formatAction } from '../model/action.ts';
import { type LegacySeccomp, parseLegacySeccomp } from './legacy.ts';

type Arg = NonNullable<LegacySeccomp['syscalls'][number]['args']>[number];

const EQUAL = 0;
const NOT_EQUAL = 1;
const GREATER = 2;
const LESS = 3;
const MASK_EQUAL = 4;

const program = (value: LegacySeccomp) => compileFilter(parseLegacySeccomp(value), { machine: 'x64' });

function run(profile: LegacySeccomp, nr: number, args: readonly (number | bigint)[] = [], arch = AUDIT_ARCH.x86_64) {
  return formatAction(decodeAction(simulate(program(profile), { nr, arch, args }).value));
}

/** fchown with one condition, or several. */
const fchown = (...args: Arg[]): LegacySeccomp => ({ syscalls: [{ value: 'fchown', action: 1, args }] });
const matches = (args: Arg[], ...given: (number | bigint)[]) => run(fchown(...args), 93, given) === 'ERRNO(1)';

describe('the filters of 2015 with their mistakes mended', () => {
  test('a call is denied, the others are made', () => {
    const profile = { syscalls: [{ value: 'chown', action: 1 }] };
    expect(run(profile, 92)).toBe('ERRNO(1)');
    expect(run(profile, 93)).toBe('ALLOW');
  });

  test('kill, trap and errno', () => {
    const profile = {
      syscalls: [
        { value: 92, action: -3 },
        { value: 93, action: -2 },
        { value: 94, action: -1 },
        { value: 95, action: 38 },
      ],
    };
    expect([92, 93, 94, 95].map((nr) => run(profile, nr))).toEqual(['KILL_PROCESS', 'TRAP', 'ALLOW', 'ERRNO(38)']);
  });

  test('the architecture is looked at first', () => {
    const [first, second] = program({ syscalls: [{ value: 92, action: 1 }] });
    expect(first).toMatchObject({ code: BPF.load, k: 4 });
    expect(second).toMatchObject({ code: BPF.jumpEqual, k: AUDIT_ARCH.x86_64 });
  });

  test('another architecture is no way around a name', () => {
    const profile = { syscalls: [{ value: 'chown', action: 1 }] };
    expect(run(profile, 182, [], AUDIT_ARCH.x86)).toBe('ERRNO(1)');
    expect(run(profile, 92 + X32_BIT)).toBe('ERRNO(1)');
    expect(run(profile, 92, [], AUDIT_ARCH.arm64)).toBe('KILL_PROCESS');
  });

  test('another architecture is no way around a number', () => {
    const profile = { syscalls: [{ value: 92, action: 1 }] };
    expect(run(profile, 182, [], AUDIT_ARCH.x86)).toBe('KILL_PROCESS');
    expect(run(profile, 92 + X32_BIT)).toBe('KILL_PROCESS');
  });

  test('socketcall is no way around socket', () => {
    const profile = { syscalls: [{ value: 'socket', action: 97, args: [{ index: 0, value: 16, op: EQUAL }] }] };
    expect(run(profile, 359, [16], AUDIT_ARCH.x86)).toBe('ERRNO(97)');
    expect(run(profile, 359, [1], AUDIT_ARCH.x86)).toBe('ALLOW');
    expect(run(profile, 102, [1], AUDIT_ARCH.x86)).toBe('ERRNO(97)');
    expect(run(profile, 102, [3], AUDIT_ARCH.x86)).toBe('ALLOW');
  });

  test('the order of entries has no meaning', () => {
    const entries = ['chown', 'fchown', 'mount', 'umount2', 'setns', 'ptrace', 'clone'].map((value, index) => ({
      value,
      action: index + 1,
      args: index % 2 ? [{ index: 0, value: index, op: GREATER }] : [],
    }));
    const expected = program({ syscalls: entries });
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (syscalls) => {
        expect(program({ syscalls })).toEqual(expected);
      }),
    );
  });

  test('each argument of an entry is compared by its own index', () => {
    const args = [
      { index: 1, value: 5, op: EQUAL },
      { index: 2, value: 7, op: EQUAL },
    ];
    expect(matches(args, 0, 5, 7)).toBe(true);
    expect(matches(args, 0, 5, 5)).toBe(false);
    expect(matches(args, 5, 7, 0)).toBe(false);
  });

  test('greater is not greater or equal', () => {
    const args = [{ index: 0, value: 10, op: GREATER }];
    expect([9, 10, 11, 2n ** 32n].map((value) => matches(args, value))).toEqual([false, false, true, true]);
  });

  test('less is not less or equal', () => {
    const args = [{ index: 0, value: 10, op: LESS }];
    expect([9, 10, 11, 2n ** 32n].map((value) => matches(args, value))).toEqual([true, false, false, false]);
  });

  test('not equal matches where the high words are equal', () => {
    const args = [{ index: 0, value: 10, op: NOT_EQUAL }];
    expect([9, 10, 11, 2n ** 32n + 10n].map((value) => matches(args, value))).toEqual([true, false, true, true]);
  });

  test('a mask takes 64 bits, and what it leaves out does not count', () => {
    const low = [{ index: 0, value: 0x10, op: MASK_EQUAL }];
    expect([0x10, 0x31, 0x20, 0xff00000010n].map((value) => matches(low, value))).toEqual([true, true, false, true]);
    const high = [{ index: 0, value: 2n ** 40n, op: MASK_EQUAL }];
    expect([2n ** 40n + 5n, 5, 2n ** 41n].map((value) => matches(high, value))).toEqual([true, false, false]);
  });

  test('values have 64 bits', () => {
    const args = [{ index: 0, value: 2n ** 63n + 1n, op: EQUAL }];
    expect([2n ** 63n + 1n, 1, 2n ** 63n].map((value) => matches(args, value))).toEqual([true, false, false]);
  });

  test('entries for one call are alternatives', () => {
    const one = (value: number) => ({ value: 'fchown', action: 1, args: [{ index: 0, value, op: EQUAL }] });
    const profile = { syscalls: [one(3), one(4)] };
    expect([3, 4, 5].map((value) => run(profile, 93, [value]))).toEqual(['ERRNO(1)', 'ERRNO(1)', 'ALLOW']);
  });

  test.each([
    [{ syscalls: [{ value: 'chown', action: 4096 }] }, 'syscalls[0].action: 4096 is not between -3 and 4095'],
    [{ syscalls: [{ value: 'chown', action: -4 }] }, 'syscalls[0].action: -4 is not between -3 and 4095'],
    [{ syscalls: [{ value: 'chwon', action: 1 }] }, 'unknown system call "chwon" (did you mean chown?)'],
    [fchown({ index: 6, value: 0, op: 0 }), 'syscalls[0].args[0].index: 6 is not between 0 and 5'],
    [fchown({ index: 0, value: 0, op: 5 }), 'syscalls[0].args[0].op: 5 is not between 0 and 4'],
    [fchown({ index: 0, value: 2 ** 53, op: 0 }), 'syscalls[0].args[0].value: 9007199254740992 cannot be held exactly'],
    [{ syscalls: [{ value: 'chown' }] }, 'syscalls[0].action: undefined is not an integer'],
    [{ syscals: [] }, 'unknown field "syscals" (did you mean syscalls?)'],
  ])('%j is refused with its place', (profile, message) => {
    expect(() => parseLegacySeccomp(profile)).toThrow(message.replace('undefined', 'nothing'));
  });

  test('entries that contradict each other are refused', () => {
    const syscalls = [
      { value: 'chown', action: 1 },
      { value: 'mount', action: 1 },
      { value: 'chown', action: -1 },
    ];
    expect(() => program({ syscalls })).toThrow('syscalls[2]: another action than that of syscalls[0]');
  });

  test('a program that the kernel would not take is refused', () => {
    const args = (seed: number) =>
      [0, 1, 2, 3].map((index) => ({ index, value: BigInt(seed * 7919 + index) * 2n ** 33n + 5n, op: GREATER }));
    const syscalls = Array.from({ length: 400 }, (_, nr) => ({ value: nr, action: 1, args: args(nr + 1) }));
    expect(() => program({ syscalls })).toThrow(/the program has \d+ instructions, more than the 4096/);
  });
});

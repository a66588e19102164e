import { afterAll, beforeAll, expect, test } from 'vitest';
import { AUDIT_ARCH } from './architecture.ts';
import type { BpfInstruction } from './bpf/instruction.ts';
import { simulate } from './bpf/simulate.ts';
import { compileFilter } from './compile/compile.ts';
import { type Compiled, compileC } from './fixtures/kernel.ts';
import { compileByLibseccomp } from './fixtures/libseccomp.ts';
import type { Filter } from './model/filter.ts';
import { defaultProfile } from './profiles/default.ts';
import { LEVELS } from './profiles/levels.ts';
import { syscallNumber } from './syscalls/lookup.ts';

let libseccomp: Compiled;
beforeAll(() => {
  libseccomp = compileC('libseccomp.c', ['-lseccomp']);
});
afterAll(() => libseccomp[Symbol.dispose]());

const measured = ['read', 'write', 'openat', 'futex', 'clone', 'unknown'] as const;

/** Instructions in the program, and instructions executed for each measured call. */
function measure(program: readonly BpfInstruction[]): readonly number[] {
  const executed = measured.map((name) => {
    const nr = name === 'unknown' ? 460 : syscallNumber('x86_64', name)!;
    return simulate(program, { nr, arch: AUDIT_ARCH.x86_64, args: [0x3d0f00] }).path.length;
  });
  return [program.length, ...executed];
}

/** As libseccomp can have it: what is said of int arguments in several rules it would mix up, and it lacks new calls. */
function forLibseccomp(filter: Filter, known: ReadonlySet<string>): Filter {
  const rules = filter.rules
    .filter(({ field }) => field !== 'socket families')
    .map((rule) => ({ ...rule, syscalls: rule.syscalls.filter((name) => known.has(String(name))) }));
  return { defaultAction: filter.defaultAction, rules, foreignAction: { kind: 'KILL_PROCESS' } };
}

/** The names of a filter that the installed libseccomp has. */
function knownTo(filter: Filter): ReadonlySet<string> {
  const names = [...new Set(filter.rules.flatMap(({ syscalls }) => syscalls.map(String)))];
  const single = (name: string): Filter => ({
    defaultAction: { kind: 'LOG' },
    rules: [{ syscalls: [name], action: { kind: 'TRAP' } }],
  });
  const results = compileByLibseccomp(
    libseccomp,
    names.map((name) => ({ filter: single(name), machine: 'x64', optimize: 1 })),
  );
  return new Set(names.filter((_, index) => typeof results[index] !== 'number'));
}

test.each([
  ['default', defaultProfile()],
  ['high', LEVELS.high],
  ['low', LEVELS.low],
] as const)(
  '%s: no call takes longer than by libseccomp, and the program is no larger than its tree',
  (name, filter) => {
    const comparable = forLibseccomp(filter, knownTo(filter));
    const [linear, tree] = ([1, 2] as const).map((optimize) => {
      const [program] = compileByLibseccomp(libseccomp, [{ filter: comparable, machine: 'x64', optimize }]);
      if (program === undefined || typeof program === 'number')
        throw new Error(`libseccomp refuses with errno ${program}`);
      return measure(program);
    });
    const ours = measure(compileFilter(comparable, { machine: 'x64' }));
    if (process.env['NSINIT_SECCOMP_SIZES'])
      console.log(name, ['size', ...measured].join(' '), {
        ours,
        linear,
        tree,
        whole: measure(compileFilter(filter, { machine: 'x64' })),
      });
    const [ourSize, ...ourCounts] = ours;
    // Of a few rules a row of comparisons is the smallest program, and the slowest.
    expect(ourSize).toBeLessThanOrEqual(name === 'default' ? Math.min(linear![0]!, tree![0]!) : tree![0]!);
    ourCounts.forEach((count, index) => {
      expect(count).toBeLessThanOrEqual(Math.min(linear![index + 1]!, tree![index + 1]!));
    });
  },
);

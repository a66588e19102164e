import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeData, runBpf } from '../bpf/simulate.ts';
import { callsFor, filters } from '../fixtures/arbitrary.ts';
import { compareActions, encodeAction } from '../model/action.ts';
import type { Filter } from '../model/filter.ts';
import { syscallNumber } from '../syscalls/lookup.ts';
import { compileFilter } from './compile.ts';
import { OWN_CALL, splitFilter } from './split.ts';

/** What the kernel does with several filters. */
const strictest = (results: readonly number[]): number => results.toSorted(compareActions)[0]!;

test('both halves together are the filter', () => {
  const notify = encodeAction({ kind: 'NOTIFY' });
  const allow = encodeAction({ kind: 'ALLOW' });
  let asked = 0;
  fc.assert(
    fc.property(filters, fc.nat(), ({ filter, machine }, seed) => {
      const whole = compileFilter(filter, { machine });
      const { asking, deciding } = splitFilter(filter, { machine });
      for (const call of callsFor({ filter, machine }, 100, seed)) {
        const data = encodeData(call);
        const halves = [runBpf(asking, data), runBpf(deciding, data)];
        expect([notify, allow]).toContain(halves[0]);
        expect(halves[1]).not.toBe(notify);
        expect(strictest(halves)).toBe(runBpf(whole, data));
        if (halves[0] === notify) asked++;
      }
    }),
    { numRuns: 150, seed: 11 },
  );
  expect(asked).toBeGreaterThan(100);
});

test.each(['x64', 'arm64'] as const)('on %s our own calls pass the first half, and never the second', (machine) => {
  const filter: Filter = { defaultAction: { kind: 'NOTIFY' }, rules: [] };
  const { asking, deciding } = splitFilter(filter, { machine });
  const architecture = machine === 'x64' ? 'x86_64' : 'arm64';
  const arch = machine === 'x64' ? 0xc000003e : 0xc00000b7;
  const judge = (program: typeof asking, name: string, index: number, flags: number) => {
    const args = [0, 0, 0].map((value, at) => (at === index ? flags : value));
    return runBpf(program, encodeData({ nr: syscallNumber(architecture, name)!, arch, args }));
  };
  for (const [name, index] of [
    ['sendmsg', 2],
    ['seccomp', 1],
  ] as const) {
    expect(judge(asking, name, index, OWN_CALL + 0x4000)).toBe(encodeAction({ kind: 'ALLOW' }));
    expect(judge(deciding, name, index, OWN_CALL + 0x4000)).toBe(encodeAction({ kind: 'ERRNO', errno: 38 }));
    expect(judge(asking, name, index, 0x4000)).toBe(encodeAction({ kind: 'NOTIFY' }));
    expect(judge(deciding, name, index, 0x4000)).toBe(encodeAction({ kind: 'ALLOW' }));
  }
});

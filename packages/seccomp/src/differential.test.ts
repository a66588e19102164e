import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeData, runBpf, type SeccompData } from './bpf/simulate.ts';
import { compileFilter } from './compile/compile.ts';
import { boundaries, type Case, callNames, callsFor, filters } from './fixtures/arbitrary.ts';
import { type Compiled, compileC } from './fixtures/kernel.ts';
import { compileByLibseccomp, type Foreign } from './fixtures/libseccomp.ts';
import { rulesFor, verdict } from './fixtures/oracle.ts';
import { decodeAction, errnoAction, formatAction } from './model/action.ts';
import { OPERATORS } from './model/filter.ts';

/** More filters by hand: NSINIT_SECCOMP_FILTERS=10000 NSINIT_SECCOMP_SEED=… */
const filterCount = Number(process.env['NSINIT_SECCOMP_FILTERS'] ?? 400);
const seed = Number(process.env['NSINIT_SECCOMP_SEED'] ?? 1);
const callsPerFilter = 100;
/** What the C program tells of a filter that libseccomp did not finish. */
const ETIME = 62;

let libseccomp: Compiled;
beforeAll(() => {
  libseccomp = compileC('libseccomp.c', ['-lseccomp']);
});
afterAll(() => libseccomp[Symbol.dispose]());

/**
 * Runs both programs on the same calls. Ours must do what the rules say. So must libseccomp's, but for one thing: of
 * several groups of conditions for one call it can lose some where they have an argument in common.
 *
 * @returns for how many calls libseccomp does not do what the rules say.
 */
function compare({ filter, machine }: Case, foreign: Foreign, calls: readonly SeccompData[]): number {
  if (typeof foreign === 'number') throw new Error(`libseccomp refuses with errno ${foreign}: ${show(filter)}`);
  const own = compileFilter(filter, { machine });
  let lost = 0;
  for (const call of calls) {
    const data = encodeData(call);
    const expected = verdict(filter, machine, call);
    const [ours, theirs] = [runBpf(own, data), runBpf(foreign, data)];
    if (ours === expected && theirs === expected) continue;
    const { rules } = rulesFor(filter, machine, call);
    const several = rules.flatMap(({ when }) => when ?? []).length > 1;
    if (ours === expected && several) {
      lost++;
      continue;
    }
    const [a, b, c] = [ours, theirs, expected].map((value) => formatAction(decodeAction(value)));
    throw new Error(`${show(call)}: ${a}, by libseccomp ${b}, by the rules ${c}\n${show({ ...filter, rules })}`);
  }
  return lost;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `0x${inner.toString(16)}` : inner));
}

describe('the same verdict as libseccomp', () => {
  test(`${filterCount} random filters, ${callsPerFilter} calls each`, { timeout: 600_000 }, () => {
    const batch = 250;
    let compared = 0;
    let endless = 0;
    let lost = 0;
    for (let from = 0; from < filterCount; from += batch) {
      const cases = fc.sample(filters, { numRuns: Math.min(batch, filterCount - from), seed: seed + from });
      const foreign = compileByLibseccomp(
        libseccomp,
        cases.map((one, index) => ({ ...one, optimize: index % 2 === 0 ? 1 : 2 })),
      );
      expect(foreign.length).toBe(cases.length);
      cases.forEach((one, index) => {
        if (foreign[index] === ETIME) endless++;
        else lost += compare(one, foreign[index]!, callsFor(one, callsPerFilter, seed + from + index));
        compared++;
      });
    }
    if (process.env['NSINIT_SECCOMP_FILTERS']) console.log({ compared, endless, lost });
    expect(compared).toBe(filterCount);
    expect(lost).toBeLessThanOrEqual((filterCount * callsPerFilter) / 100);
    expect(endless).toBeLessThanOrEqual(filterCount / 50);
  });

  test.each(OPERATORS)('%s at every boundary', (op) => {
    const cases: Case[] = [];
    for (const value of boundaries)
      for (const mask of op === 'MASKED_EQ' ? boundaries : [0n]) {
        const condition = op === 'MASKED_EQ' ? { index: 2, op, mask, value: value & mask } : { index: 2, op, value };
        cases.push({
          machine: 'x64',
          filter: {
            defaultAction: { kind: 'ALLOW' },
            foreignAction: { kind: 'KILL_PROCESS' },
            rules: [{ syscalls: ['read'], action: errnoAction(7), when: [[condition]] }],
          },
        });
      }
    const foreign = compileByLibseccomp(
      libseccomp,
      cases.map((one) => ({ ...one, optimize: 1 })),
    );
    const values = new Set(boundaries.flatMap((value) => [value - 1n, value, value + 1n]));
    const calls = [...values].map((value) => ({ nr: 0, arch: 0xc000003e, args: [0n, 0n, BigInt.asUintN(64, value)] }));
    cases.forEach((one, index) => {
      expect(compare(one, foreign[index]!, calls)).toBe(0);
    });
    expect(cases.length).toBeGreaterThan(10);
  });

  test('names have the same numbers', () => {
    const cases = callNames.map(
      (name): Case => ({
        machine: 'x64',
        filter: {
          architectures: ['x86', 'x32'],
          foreignAction: { kind: 'KILL_PROCESS' },
          defaultAction: { kind: 'ALLOW' },
          rules: [{ syscalls: [name], action: errnoAction(1) }],
        },
      }),
    );
    const foreign = compileByLibseccomp(
      libseccomp,
      cases.map((one) => ({ ...one, optimize: 1 })),
    );
    cases.forEach((one, index) => {
      expect(compare(one, foreign[index]!, callsFor(one, 200, index))).toBe(0);
    });
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Compiled, compileProbe, probe } from './fixtures/kernel.ts';
import { errnoAction } from './model/action.ts';
import type { Filter } from './model/filter.ts';

let program: Compiled;
beforeAll(() => {
  program = compileProbe();
});
afterAll(() => program[Symbol.dispose]());

const denying = (action: Filter['defaultAction'], ...syscalls: string[]): Filter => ({
  defaultAction: { kind: 'ALLOW' },
  rules: [{ syscalls, action }],
});

describe('a filter in force', () => {
  test('makes a call fail with its errno', async () => {
    const { results, status } = await probe(program, denying(errnoAction(1), 'chown', 'fchownat'), [
      { syscall: 'fchownat', args: [-100, 0, 0, 0, 0] },
      { syscall: 'getpid' },
    ]);
    expect(results).toEqual([-1n, 1n]);
    expect(status.exitCode).toBe(0);
  });
});

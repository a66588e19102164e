import { type Action, errnoAction, MAX_ERRNO } from '../model/action.ts';
import { checkName } from '../model/canonical.ts';
import { UINT64_MAX } from '../model/condition.ts';
import type { Condition, Filter, Rule } from '../model/filter.ts';
import { Reader } from './reader.ts';

/** Actions of the format of 2015; 0 and more is an errno. */
const actions: Readonly<Record<number, Action>> = {
  [-3]: { kind: 'KILL_PROCESS' },
  [-2]: { kind: 'TRAP' },
  [-1]: { kind: 'ALLOW' },
};

/** Operators of the format of 2015, by their numbers. The last compares `argument & value` with `value`. */
const operators = ['EQ', 'NE', 'GT', 'LT', 'MASKED_EQ'] as const;

/** What the `seccomp` object of a configuration looks like. */
export interface LegacySeccomp {
  readonly syscalls: readonly {
    readonly value: number | string;
    readonly action: number;
    readonly args?: readonly { readonly index: number; readonly value: number | bigint; readonly op: number }[];
  }[];
}

/**
 * Reads the `seccomp` object of libcontainer's configurations: `{ syscalls: [{ value, action, args: [{ index, value, op }] }] }`.
 * What is not listed is allowed. A call may be named instead of numbered; numbers are those of the native architecture. The
 * arguments of one entry must all be as they say, compared as 64-bit numbers.
 *
 * The filter is for x86 (and x32) as well on x86-64, for arm as well on arm64: who denies `chown` means it for every way
 * into the kernel. Rules by number are for the native architecture alone; the other architectures are not listed then, so
 * that they cannot be a way around them.
 *
 * @throws {SeccompError} with the place in the object.
 */
export function parseLegacySeccomp(value: unknown): Filter {
  const profile = new Reader(value).only(['syscalls']);
  const rules = profile.field('syscalls').list().map(readRule);
  const named = rules.every(({ syscalls }) => syscalls.every((syscall) => typeof syscall === 'string'));
  return {
    defaultAction: { kind: 'ALLOW' },
    rules,
    ...(named ? { architectures: ['x86', 'x32', 'arm'] } : {}),
  };
}

function readRule(entry: Reader): Rule {
  entry.only(['value', 'action', 'args']);
  const call = entry.field('value');
  const syscall = typeof call.value === 'string' ? call.text() : call.small(0, 0x7fffffff);
  if (typeof syscall === 'string') checkName(syscall, call.path);
  const code = entry.field('action').small(-3, MAX_ERRNO);
  const group = entry.field('args').list().map(readCondition);
  return {
    syscalls: [syscall],
    action: actions[code] ?? errnoAction(code),
    field: entry.path,
    ...(group.length > 0 ? { when: [group] } : {}),
  };
}

function readCondition(arg: Reader): Condition {
  arg.only(['index', 'value', 'op']);
  const index = arg.field('index').small(0, 5);
  const value = arg.field('value').integer(0n, UINT64_MAX);
  const op = operators[arg.field('op').small(0, operators.length - 1)]!;
  return op === 'MASKED_EQ' ? { index, op, mask: value, value } : { index, op, value };
}

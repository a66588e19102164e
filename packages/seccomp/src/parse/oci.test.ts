import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIT_ARCH } from '../architecture.ts';
import { encodeData, runBpf } from '../bpf/simulate.ts';
import { compileFilter } from '../compile/compile.ts';
import { SeccompError } from '../errors.ts';
import { explain } from '../explain.ts';
import { boundaries } from '../fixtures/arbitrary.ts';
import { encodeAction, formatAction } from '../model/action.ts';
import { syscallNumber } from '../syscalls/lookup.ts';
import { parseSeccompJson } from './json.ts';
import { type ProfileContext, parseOciSeccomp } from './oci.ts';

/** In the manner of Docker's default profile, with everything that such a profile can say. */
const text = `{
  "defaultAction": "SCMP_ACT_ERRNO",
  "defaultErrnoRet": 1,
  "archMap": [
    { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
    { "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"] },
    { "architecture": "SCMP_ARCH_S390X", "subArchitectures": ["SCMP_ARCH_S390"] }
  ],
  "flags": ["SECCOMP_FILTER_FLAG_SPEC_ALLOW"],
  "syscalls": [
    { "names": ["read", "write", "openat", "s390_pci_mmio_read", "sync_file_range2", "landlock_restrict_self"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["process_vm_readv", "ptrace"], "action": "SCMP_ACT_ALLOW", "includes": { "minKernel": "4.8" } },
    { "names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 40, "op": "SCMP_CMP_NE" }] },
    { "names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ" }] },
    { "names": ["lseek"], "action": "SCMP_ACT_ALLOW", "args": [{ "index": 1, "value": 18446744073709551615, "op": "SCMP_CMP_EQ" }] },
    { "names": ["arch_prctl"], "action": "SCMP_ACT_ALLOW", "includes": { "arches": ["amd64", "x32"] } },
    { "names": ["mount", "clone3"], "action": "SCMP_ACT_ALLOW", "includes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["clone"], "action": "SCMP_ACT_ALLOW", "comment": "no namespaces",
      "args": [{ "index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ" }],
      "excludes": { "caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"] } },
    { "names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": { "caps": ["CAP_SYS_ADMIN"] } }
  ]
}`;

const context: ProfileContext = { machine: 'x64' };
const outcome = (more: Partial<ProfileContext>, call: string, ...args: (number | bigint)[]) => {
  const { filter } = parseOciSeccomp(parseSeccompJson(text), { ...context, ...more });
  return formatAction(explain(filter, call, args, { machine: more.machine ?? 'x64' }).action);
};

describe('parseOciSeccomp', () => {
  test('reads a profile of Docker', () => {
    expect(outcome({}, 'read')).toBe('ALLOW');
    expect(outcome({}, 'mount')).toBe('ERRNO(1)');
    expect(outcome({ capabilities: ['CAP_SYS_ADMIN'] }, 'mount')).toBe('ALLOW');
    expect(outcome({}, 'clone3')).toBe('ERRNO(38)');
    expect(outcome({ capabilities: ['CAP_SYS_ADMIN'] }, 'clone3')).toBe('ALLOW');
    expect(outcome({}, 'clone', 0x10000000)).toBe('ERRNO(1)');
    expect(outcome({}, 'clone', 0x11)).toBe('ALLOW');
    expect(outcome({}, 'socket', 40)).toBe('ERRNO(1)');
    expect(outcome({}, 'arch_prctl')).toBe('ALLOW');
    expect(outcome({ kernel: '4.4.0' }, 'ptrace')).toBe('ERRNO(1)');
    expect(outcome({ kernel: '4.19.0-6-amd64' }, 'ptrace')).toBe('ALLOW');
    expect(outcome({ machine: 'arm64' }, 'clone', 0x11)).toBe('ALLOW');
  });

  test('values have 64 bits', () => {
    expect(outcome({}, 'lseek', 0, 2n ** 64n - 1n)).toBe('ALLOW');
    expect(outcome({}, 'lseek', 0, 2n ** 64n - 2n)).toBe('ERRNO(1)');
    expect(() => parseOciSeccomp(JSON.parse(text), context)).toThrow('syscalls[4].args[0].value');
  });

  test('takes architectures and flags', () => {
    const { filter } = parseOciSeccomp(parseSeccompJson(text), context);
    expect(filter.architectures).toEqual(['x86', 'x32']);
    expect(filter.flags).toEqual(['SPEC_ALLOW']);
    const direct = { defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_RISCV64'] };
    expect(parseOciSeccomp(direct, context).filter.architectures).toEqual(['x86']);
  });

  test('calls that are newer than the profile get ENOSYS', () => {
    const { filter } = parseOciSeccomp(parseSeccompJson(text), context);
    const after = syscallNumber('x86_64', 'landlock_restrict_self')! + 1;
    expect(explain(filter, after, [], { machine: 'x64' })).toMatchObject({ cause: 'unknown', action: { errno: 38 } });
  });

  test('several conditions on one argument are alternatives', () => {
    const args = [
      { index: 0, value: 1, op: 'SCMP_CMP_EQ' },
      { index: 0, value: 2, op: 'SCMP_CMP_EQ' },
    ];
    const syscalls = [{ names: ['kill'], action: 'SCMP_ACT_TRAP', args }];
    const { filter } = parseOciSeccomp({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }, context);
    const kinds = [1, 2, 3].map((value) => explain(filter, 'kill', [value], { machine: 'x64' }).action.kind);
    expect(kinds).toEqual(['TRAP', 'TRAP', 'ALLOW']);
  });

  test('takes a listener', () => {
    const value = { defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/run/agent.sock', listenerMetadata: 'x' };
    expect(parseOciSeccomp(value, context)).toMatchObject({ listenerPath: '/run/agent.sock', listenerMetadata: 'x' });
  });

  const rule = (more: object) => ({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['kill'], action: 'SCMP_ACT_ERRNO', ...more }],
  });
  const arg = (more: object) => rule({ args: [{ index: 0, value: 1, op: 'SCMP_CMP_EQ', ...more }] });
  test.each([
    [{}, 'defaultAction: there is no action'],
    [
      { defaultAction: 'SCMP_ACT_ALOW' },
      'defaultAction: unknown action "SCMP_ACT_ALOW" (did you mean SCMP_ACT_ALLOW?)',
    ],
    [
      { defaultAction: 'SCMP_ACT_ALLOW', defaultErrnoRet: 1 },
      'defaultErrnoRet: an errno is given, but the action is ALLOW',
    ],
    [{ ...rule({}), flags: ['SECCOMP_FILTER_FLAG_SYNC'] }, 'flags[0]: unknown flag'],
    [
      { ...rule({}), architectures: ['SCMP_ARCH_X86_46'] },
      'architectures[0]: unknown architecture "SCMP_ARCH_X86_46" (did you',
    ],
    [rule({ names: ['kil'] }), 'syscalls[0].names[0]: unknown system call "kil" (did you mean kill?)'],
    [rule({ names: [] }), 'syscalls[0].names: the rule names no system call'],
    [rule({ errnoRet: 5000 }), 'syscalls[0].errnoRet: 5000 is not between 0 and 4095'],
    [rule({ erronRet: 5 }), 'syscalls[0]: unknown field "erronRet" (did you mean errnoRet?)'],
    [arg({ index: 6 }), 'syscalls[0].args[0].index: 6 is not between 0 and 5'],
    [
      arg({ op: 'SCMP_CMP_EQL' }),
      'syscalls[0].args[0].op: unknown operator "SCMP_CMP_EQL" (did you mean SCMP_CMP_EQ?)',
    ],
    [arg({ value: -1 }), 'syscalls[0].args[0].value: -1 is not between 0 and 18446744073709551615'],
    [arg({ value: 1.5 }), 'syscalls[0].args[0].value: 1.5 cannot be held exactly by a number; give an integer'],
    [arg({ value: true }), 'syscalls[0].args[0].value: true is not an integer'],
    [[], '[] is not an object'],
    [rule({ args: {} }), 'syscalls[0].args: {} is not an array'],
  ])('refuses %j with its place', (value, message) => {
    expect(() => parseOciSeccomp(value, context)).toThrow(SeccompError);
    expect(() => parseOciSeccomp(value, context)).toThrow(message);
  });
});

/** Profiles with something changed at random: by hand more of them with NSINIT_SECCOMP_MUTATIONS=100000. */
const mutations = Number(process.env['NSINIT_SECCOMP_MUTATIONS'] ?? 1500);

describe('mutated profiles', () => {
  const scraps: readonly unknown[] = [
    ...[null, true, -1, 6, 4096, 2 ** 53, 1.5, '', [], {}, ['mount', 'read'], ['CAP_SYS_ADMIN'], [40], 0, 1, 2, 3, 40],
    ...['SCMP_ACT_ALLOW', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP', 'SCMP_ACT_LOG', 'SCMP_ACT_NOTHING'],
    ...['SCMP_CMP_GT', 'SCMP_CMP_LE', 'SCMP_CMP_NE', 'SCMP_CMP_EQ', 'SCMP_CMP_MASKED_EQ'],
    ...['SCMP_ARCH_X32', 'SCMP_ARCH_ARM', 'read', 'mount', 'lseek', 'socket', 'nothing', '4.8', 'CAP_SYS_ADMIN'],
    ...boundaries.map(String),
  ];

  /** What a value looks like, so that most changes make sense. */
  function kindOf(value: unknown): string {
    const prefix = typeof value === 'string' ? (/^(?:SCMP_[A-Z]+|\d)/.exec(value)?.[0] ?? 'name') : '';
    return `${Array.isArray(value) ? 'array' : typeof value} ${prefix}`;
  }

  /** Puts something else in some place, or takes it away. */
  function mutate(value: unknown, at: number, choice: number, wild: boolean): unknown {
    const places: (() => void)[] = [];
    const copy = structuredClone(value);
    const visit = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return;
      const object = node as Record<string, unknown>;
      for (const key of Object.keys(object)) {
        places.push(() => {
          const alike = scraps.filter((one) => wild || kindOf(one) === kindOf(object[key]));
          const scrap = alike.length > 0 ? alike[choice % alike.length] : null;
          if (scrap === null && !Array.isArray(object)) delete object[key];
          else object[key] = scrap;
        });
        visit(object[key]);
      }
    };
    visit(copy);
    places[at % places.length]!();
    return copy;
  }

  test(`${mutations} of them are refused with a place, or do what they say`, { timeout: 600_000 }, () => {
    let compiled = 0;
    const original = parseSeccompJson(text);
    const change = fc.tuple(
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 0, max: 3 }).map((dice) => dice === 0),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), fc.nat(), (changes, pick) => {
        const profile = changes.reduce((value: unknown, one) => mutate(value, ...one), original);
        try {
          const { filter } = parseOciSeccomp(profile, context);
          const program = compileFilter(filter, { machine: 'x64' });
          for (const name of ['read', 'mount', 'clone', 'socket', 'lseek'])
            for (const value of [0n, 1n, boundaries[pick % boundaries.length]!]) {
              const args = [value, boundaries[(pick >> 5) % boundaries.length]!];
              const data = { nr: syscallNumber('x86_64', name)!, arch: AUDIT_ARCH.x86_64, args };
              const { action } = explain(filter, name, args, { machine: 'x64' });
              expect(runBpf(program, encodeData(data))).toBe(encodeAction(action));
            }
          compiled++;
        } catch (error) {
          if (!(error instanceof SeccompError)) throw error;
        }
      }),
      { numRuns: mutations },
    );
    if (process.env['NSINIT_SECCOMP_MUTATIONS']) console.log({ mutations, compiled });
    expect(compiled).toBeGreaterThan(mutations / 10);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeviceRule, OrderedDeviceRule } from '../resources.ts';
import { encodeBpf, opcodes } from './instruction.ts';
import {
  access,
  type DevicePolicy,
  type DeviceRequest,
  devicePolicy,
  deviceRules,
  formatException,
  isAllowed,
} from './policy.ts';
import { deviceProgram } from './program.ts';
import { simulateDeviceProgram } from './simulate.ts';

/** The plain meaning of a list: of each kind of access the last rule that matches decides, and nothing is allowed. */
function evaluate(rules: readonly OrderedDeviceRule[], request: DeviceRequest): boolean {
  return (['r', 'w', 'm'] as const)
    .filter((letter) => request.access & access[letter])
    .every((letter) => {
      const last = rules.findLast(
        (rule) =>
          rule.type === 'a' ||
          ((rule.type === 'u' ? 'c' : rule.type) === request.kind &&
            [-1, request.major].includes(rule.major) &&
            [-1, request.minor].includes(rule.minor) &&
            rule.permissions.includes(letter)),
      );
      return last?.allow ?? false;
    });
}

const number = fc.constantFrom(-1, 0, 1, 5, 0xfff);
const permissions = fc.subarray(['r', 'w', 'm'], { minLength: 1 }).map((letters) => letters.join(''));
const rule: fc.Arbitrary<OrderedDeviceRule> = fc.record({
  type: fc.constantFrom('a', 'b', 'c', 'u', 'p'),
  major: number,
  minor: number,
  permissions,
  allow: fc.boolean(),
});
const request: fc.Arbitrary<DeviceRequest> = fc.record({
  kind: fc.constantFrom('b', 'c'),
  major: fc.constantFrom(0, 1, 5, 0xfff, 9),
  minor: fc.constantFrom(0, 1, 5, 0xfff, 0x80000000),
  access: fc.integer({ min: 1, max: 7 }),
});

/** undefined for a list that neither kernel interface can say. */
function tryPolicy(rules: readonly OrderedDeviceRule[]): DevicePolicy | undefined {
  try {
    return devicePolicy(rules);
  } catch (error) {
    expect(String(error)).toContain('would take a part out of');
    return undefined;
  }
}

describe('a list of rules', () => {
  it('means the same as policy and as program', () => {
    let compared = 0;
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 8 }),
        fc.array(request, { minLength: 20, maxLength: 20 }),
        (rules, requests) => {
          const policy = tryPolicy(rules);
          if (!policy) return;
          const program = deviceProgram(policy);
          for (const each of requests) {
            const expected = evaluate(rules, each);
            compared += 1;
            expect(isAllowed(policy, each)).toBe(expected);
            expect(simulateDeviceProgram(program, each)).toBe(expected ? 1 : 0);
          }
        },
      ),
      { numRuns: 500 },
    );
    expect(compared).toBeGreaterThan(2000);
  });

  it('is refused when it takes a part out of a wildcard', () => {
    const all = { type: 'c', major: 1, minor: -1, permissions: 'rwm', allow: true } as const;
    const one = { ...all, minor: 3, allow: false };
    expect(() => devicePolicy([all, one])).toThrow(
      'devices[1]: c 1:3 rwm would take a part out of c 1:* rwm (write the rule with wildcards as one for each device',
    );
  });

  it.each<[DeviceRule, string]>([
    [{ type: 'c', major: -2, minor: 0, permissions: 'r' }, '-2 is no device number'],
    [{ type: 'c', major: 1, minor: 1.5, permissions: 'r' }, '1.5 is no device number'],
    [{ type: 'c', major: 1, minor: 1, permissions: 'rx' }, 'unknown permission'],
  ])('refuses %j', (bad, message) => {
    expect(() => devicePolicy([{ ...bad, allow: true }])).toThrow(message);
  });
});

describe('resources', () => {
  const one = { type: 'c', major: 1, minor: 5, permissions: 'rwm' } as const;

  it('deny all but what is allowed', () => {
    const rules = deviceRules({ allowAllDevices: false, allowedDevices: [one] });
    expect(devicePolicy(rules!)).toMatchObject({ allowByDefault: false });
    expect(devicePolicy(rules!).exceptions.map(formatException)).toEqual(['c 1:5 rwm']);
  });

  it('allow all but what is denied', () => {
    const rules = deviceRules({ allowAllDevices: true, deniedDevices: [one] });
    expect(devicePolicy(rules!)).toMatchObject({ allowByDefault: true });
    expect(devicePolicy(rules!).exceptions.map(formatException)).toEqual(['c 1:5 rwm']);
  });

  it('say nothing', () => {
    expect(deviceRules({})).toBeUndefined();
    expect(deviceRules({ deniedDevices: [one] })).toBeUndefined();
  });
});

describe('simulateDeviceProgram', () => {
  const zero = { dst: 0, src: 0, offset: 0, imm: 0 };
  const any: DeviceRequest = { kind: 'c', major: 1, minor: 3, access: 2 };

  it('refuses what the verifier refuses', () => {
    expect(() => simulateDeviceProgram([], any)).toThrow('ends without exit');
    expect(() => simulateDeviceProgram([{ ...zero, opcode: opcodes.exit }], any)).toThrow('r0 is read before');
    expect(() => simulateDeviceProgram([{ ...zero, opcode: 0x18 }], any)).toThrow('unknown opcode');
  });
});

it('encodes instructions as the kernel has them', () => {
  const [first] = deviceProgram({ allowByDefault: true, exceptions: [] });
  expect([...encodeBpf([first!])]).toEqual([0x61, 0x12, 0, 0, 0, 0, 0, 0]);
  const negative = { opcode: opcodes.jumpIfNotEqual, dst: 4, src: 0, offset: -2, imm: -1 };
  expect([...encodeBpf([negative])]).toEqual([0x56, 4, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff]);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AUDIT_ARCH } from '../architecture.ts';
import { compileFilter } from '../compile/compile.ts';
import { errnoAction } from '../model/action.ts';
import { disassemble } from './disassemble.ts';
import { type BpfInstruction, decodeBpf, encodeBpf } from './instruction.ts';
import { checkProgram, simulate } from './simulate.ts';

const op = (code: number, k = 0, jt = 0, jf = 0): BpfInstruction => ({ code, jt, jf, k });
const data = { nr: 7, arch: AUDIT_ARCH.x86_64, instructionPointer: 0x1_00000002n, args: [-1n, 5] };
const returns = (...program: BpfInstruction[]) => simulate([...program, op(0x16)], data).value;

describe('simulate', () => {
  test('loads the words of a call', () => {
    expect([0, 4, 8, 12, 16, 20, 24, 28].map((k) => returns(op(0x20, k)))).toEqual([
      ...[7, AUDIT_ARCH.x86_64, 2, 1],
      ...[0xffffffff, 0xffffffff, 5, 0],
    ]);
  });

  test.each([
    ['add', 0x04, 0xffffffff, 2, 1],
    ['sub', 0x14, 1, 2, 0xffffffff],
    ['mul', 0x24, 0x10001, 0x10001, 0x20001],
    ['div', 0x34, 0xffffffff, 16, 0xfffffff],
    ['or', 0x44, 0x80000000, 1, 0x80000001],
    ['and', 0x54, 0xff00ff00, 0xffff0000, 0xff000000],
    ['lsh', 0x64, 0xffffffff, 4, 0xfffffff0],
    ['rsh', 0x74, 0xffffffff, 4, 0x0fffffff],
    ['xor', 0xa4, 0xf0f0f0f0, 0xffffffff, 0x0f0f0f0f],
  ])('%s with a number and with X', (_, code, a, operand, result) => {
    expect(returns(op(0x00, a), op(code, operand))).toBe(result);
    expect(returns(op(0x00, a), op(0x01, operand), op(code + 8))).toBe(result);
  });

  test('memory, X, the length and the negative', () => {
    expect(returns(op(0x00, 5), op(0x02, 3), op(0x00, 0), op(0x61, 3), op(0x87))).toBe(5);
    expect(returns(op(0x00, 6), op(0x07), op(0x03, 15), op(0x60, 15))).toBe(6);
    expect(returns(op(0x80), op(0x84))).toBe(0x100000000 - 64);
    expect(returns(op(0x00, 9), op(0x01, 0), op(0x3c))).toBe(0);
  });

  test('compares unsigned, and tells its way', () => {
    const program = [op(0x00, 0x80000000), op(0x25, 1, 0, 1), op(0x06, 1), op(0x06, 2)];
    expect(simulate(program, data)).toEqual({ value: 1, path: [0, 1, 2] });
  });

  test.each([
    [[], 'the program has 0 instructions'],
    [Array.from({ length: 4097 }, () => op(0x06)), 'the program has 4097 instructions'],
    [[op(0x28), op(0x06)], 'instruction 0: code 0x28 is not for filters'],
    [[op(0x20, 2), op(0x06)], 'instruction 0: there is no word at byte 2'],
    [[op(0x20, 64), op(0x06)], 'instruction 0: there is no word at byte 64'],
    [[op(0x60, 16), op(0x06)], 'instruction 0: there is no memory cell 16'],
    [[op(0x34, 0), op(0x06)], 'instruction 0: division by zero'],
    [[op(0x15, 0, 1, 0), op(0x06)], 'instruction 0: it leads out of the program'],
    [[op(0x05, 1), op(0x06)], 'instruction 0: it leads out of the program'],
    [[op(0x20, 0)], 'instruction 0: it leads out of the program'],
  ])('refuses what the kernel refuses: %#', (program, message) => {
    expect(() => checkProgram(program)).toThrow(message);
  });
});

test('bytes and back', () => {
  const instruction = fc.record({
    code: fc.integer({ min: 0, max: 0xffff }),
    jt: fc.integer({ min: 0, max: 255 }),
    jf: fc.integer({ min: 0, max: 255 }),
    k: fc.integer({ min: 0, max: 0xffffffff }),
  });
  fc.assert(
    fc.property(fc.array(instruction), (program) => {
      expect(decodeBpf(encodeBpf(program))).toEqual(program);
    }),
  );
  expect(() => decodeBpf(new Uint8Array(7))).toThrow('7 bytes are not a multiple of 8');
});

test('disassemble', () => {
  const program = compileFilter(
    {
      defaultAction: { kind: 'ALLOW' },
      rules: [
        { syscalls: ['chown'], action: errnoAction(1) },
        {
          syscalls: ['clone'],
          action: { kind: 'TRAP' },
          when: [[{ index: 0, op: 'MASKED_EQ', mask: 0x30, value: 0x10 }]],
        },
      ],
    },
    { machine: 'x64' },
  );
  expect(disassemble(program)).toMatchInlineSnapshot(`
    " 0: A = arch
     1: if A != x86_64 goto 14
     2: A = nr
     3: if A < 56 (clone) goto 15
     4: if A >= 93 (fchown) goto 12
     5: if A >= 57 (fork) goto 10
     6: A = args[0].low
     7: A &= 0x30
     8: if A != 0x10 goto 15
     9: return TRAP
    10: if A < 92 (chown) goto 15
    11: return ERRNO(1)
    12: if A < 0x40000000 goto 15
    13: if A >= 0xffffffff goto 15
    14: return KILL_PROCESS
    15: return ALLOW
    "
  `);
});

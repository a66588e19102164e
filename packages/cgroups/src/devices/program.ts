import { type BpfInstruction, opcodes } from './instruction.ts';
import { type DeviceException, type DevicePolicy, deviceKinds } from './policy.ts';

/** Registers of the program: r1 points at struct bpf_cgroup_dev_ctx when it begins. */
const r = { result: 0, context: 1, kind: 2, access: 3, major: 4, minor: 5, scratch: 6 } as const;

/** Offsets in struct bpf_cgroup_dev_ctx of linux/bpf.h */
const context = { accessType: 0, major: 4, minor: 8 } as const;

/**
 * The program of type BPF_PROG_TYPE_CGROUP_DEVICE that enforces a policy. It returns 1 to allow.
 *
 * r3 holds the kinds of access that no exception has answered yet. With a default of deny every exception takes away
 * what it allows, and when nothing is left the request is allowed; with a default of allow one match is enough to deny.
 */
export function deviceProgram(policy: DevicePolicy): readonly BpfInstruction[] {
  const load = (dst: number, offset: number): BpfInstruction => i(opcodes.loadWord, dst, r.context, offset);
  return [
    load(r.kind, context.accessType),
    i(opcodes.moveRegister, r.access, r.kind),
    i(opcodes.andImmediate, r.kind, 0, 0, 0xffff),
    i(opcodes.shiftRightImmediate, r.access, 0, 0, 16),
    load(r.major, context.major),
    load(r.minor, context.minor),
    ...policy.exceptions.flatMap((exception) => matchException(exception, policy.allowByDefault)),
    ...returns(policy.allowByDefault ? 1 : 0),
  ];
}

function matchException(exception: DeviceException, allowByDefault: boolean): readonly BpfInstruction[] {
  const found = allowByDefault ? denyAny(exception.access) : allowSome(exception.access);
  const tests: readonly (readonly [number, number | undefined])[] = [
    [r.kind, exception.kind && deviceKinds[exception.kind]],
    [r.major, exception.major],
    [r.minor, exception.minor],
  ];
  const conditions = tests.filter(([, value]) => value !== undefined);
  return [
    ...conditions.map(([register, value], index) =>
      i(opcodes.jumpIfNotEqual, register, 0, conditions.length - 1 - index + found.length, (value ?? 0) | 0),
    ),
    ...found,
  ];
}

function denyAny(access: number): readonly BpfInstruction[] {
  return [
    i(opcodes.moveRegister, r.scratch, r.access),
    i(opcodes.andImmediate, r.scratch, 0, 0, access),
    i(opcodes.jumpIfEqual, r.scratch, 0, 2, 0),
    ...returns(0),
  ];
}

function allowSome(access: number): readonly BpfInstruction[] {
  return [
    i(opcodes.andImmediate, r.access, 0, 0, ~access),
    i(opcodes.jumpIfNotEqual, r.access, 0, 2, 0),
    ...returns(1),
  ];
}

function returns(value: number): readonly BpfInstruction[] {
  return [i(opcodes.moveImmediate, r.result, 0, 0, value), i(opcodes.exit, 0)];
}

function i(opcode: number, dst: number, src = 0, offset = 0, imm = 0): BpfInstruction {
  return { opcode, dst, src, offset, imm };
}

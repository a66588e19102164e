import { type BpfInstruction, opcodes } from './instruction.ts';
import { type DeviceRequest, deviceKinds } from './policy.ts';

/**
 * Runs a device program as the kernel would.
 *
 * @returns what it returns: 1 allows, 0 denies.
 * @throws {Error} for what the kernel's verifier refuses: an unknown opcode, a jump that is not forward and inside, a
 *   register that was never written, no end.
 */
export function simulateDeviceProgram(program: readonly BpfInstruction[], request: DeviceRequest): number {
  const context = [(request.access << 16) | deviceKinds[request.kind], request.major, request.minor];
  const registers: (number | undefined)[] = Array.from({ length: 11 }, () => undefined);
  const read = (register: number): number => {
    const value = registers[register];
    if (value === undefined) throw new Error(`r${register} is read before it is written`);
    return value;
  };
  let at = 0;
  while (at < program.length) {
    const { opcode, dst, src, offset, imm } = program[at]!;
    at += 1;
    switch (opcode) {
      case opcodes.loadWord:
        if (src !== 1 || offset % 4 !== 0 || context[offset / 4] === undefined)
          throw new Error(`bad load at ${at - 1}`);
        registers[dst] = context[offset / 4]! >>> 0;
        break;
      case opcodes.moveRegister:
        registers[dst] = read(src);
        break;
      case opcodes.moveImmediate:
        registers[dst] = imm >>> 0;
        break;
      case opcodes.andImmediate:
        registers[dst] = (read(dst) & imm) >>> 0;
        break;
      case opcodes.shiftRightImmediate:
        registers[dst] = read(dst) >>> imm;
        break;
      case opcodes.jumpIfEqual:
      case opcodes.jumpIfNotEqual: {
        if (offset < 0 || at + offset >= program.length) throw new Error(`bad jump at ${at - 1}`);
        const equal = read(dst) === imm >>> 0;
        if (equal === (opcode === opcodes.jumpIfEqual)) at += offset;
        break;
      }
      case opcodes.exit:
        return read(0);
      default:
        throw new Error(`unknown opcode 0x${opcode.toString(16)} at ${at - 1}`);
    }
  }
  throw new Error('the program ends without exit');
}

import { describe, expect, it } from 'vitest';
import { architectures } from '../abi/arch.ts';
import { ProgramBuilder } from './builder.ts';
import { format, opcodes } from './format.ts';

/** The words of one instruction by the names of the format. */
function instruction(bytes: Uint8Array, index: number) {
  const at = format.header.size + index * format.instruction.size;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, format.instruction.size);
  return {
    nr: view.getUint32(0, true),
    kinds: view.getUint32(4, true),
    args: Array.from({ length: 6 }, (_, arg) => view.getBigInt64(8 + arg * 8, true)),
    result: view.getUint32(56, true),
    next: view.getUint32(60, true),
    handlers: Array.from({ length: 4 }, (_, slot) => [
      view.getUint16(64 + slot * 4, true),
      view.getUint16(66 + slot * 4, true),
    ]),
  };
}

function headerOf(bytes: Uint8Array): readonly number[] {
  return [...new Int32Array(bytes.slice(0, 64).buffer)];
}

const none = format.noPlace;
const noHandlers = Array(4).fill([0, 0]);

describe('encode', () => {
  it.each(architectures)('writes the header for %s', (arch) => {
    const b = new ProgramBuilder(arch);
    b.call('getpid', {});
    b.string('abc');
    const bytes = b.build().encode(7);
    const machine = { x64: 62, arm64: 183 }[arch];
    const zeros = Array(8).fill(0);
    expect(Buffer.from(bytes).subarray(0, 4).toString()).toBe('NSEX');
    expect(headerOf(bytes)).toEqual([0x5845534e, 1, machine, 1, 144, 4, 7, 148, ...zeros]);
    expect(bytes).toHaveLength(148);
    expect(Buffer.from(bytes).subarray(144).toString()).toBe('abc\0');
    expect(instruction(bytes, 0).nr).toBe({ x64: 39, arm64: 172 }[arch]);
  });

  it('writes arguments with their kinds, the result, and what comes after', () => {
    const b = new ProgramBuilder('x64');
    const after = b.label();
    const buf = b.zeros(16, 'memory');
    const fd = b.call('ioctl', { fd: { fd: -100 }, op: 'TIOCGPTN', argp: buf }, { next: after });
    b.call('setresuid', { ruid: buf.cell(0, 4), euid: buf.cell(4, -4), suid: buf.cell(8, 8) });
    b.call('close', { fd });
    b.place(after);
    b.call('umask', { mask: 0 }, { into: buf.cell(12, 4) });
    const bytes = b.build().encode(-1);
    const at = BigInt(buf.offset);
    expect(instruction(bytes, 0)).toEqual({
      nr: 16,
      kinds: 0x100,
      args: [-100n, 0x80045430n, at, 0n, 0n, 0n],
      result: fd.offset,
      next: 3,
      handlers: noHandlers,
    });
    expect(instruction(bytes, 1)).toMatchObject({ kinds: 0x234, args: [at, at + 4n, at + 8n, 0n, 0n, 0n], next: none });
    expect(instruction(bytes, 2)).toMatchObject({ kinds: 0x2, args: [BigInt(fd.offset!), 0n, 0n, 0n, 0n, 0n] });
    expect(instruction(bytes, 3)).toMatchObject({ kinds: 1 << 24, result: buf.offset + 12 });
    expect(instruction(bytes, 1).result).toBe(none);
  });

  it('writes handlers with the catch-all last, whatever their order', () => {
    const b = new ProgramBuilder('x64');
    const end = b.label();
    b.call('getpid', {});
    b.call('getpid', {}, { on: { any: end, EINTR: 'retry', EPERM: 'ignore' } });
    b.call('getpid', {});
    b.place(end);
    expect(instruction(b.build().encode(-1), 1).handlers).toEqual([
      [4, 1],
      [1, 2],
      [0xffff, 3],
      [0, 0],
    ]);
  });

  it('writes branch, jump, assign and fail', () => {
    const b = new ProgramBuilder('x64');
    const end = b.label();
    const x = b.variable('x');
    const at = BigInt(x.offset!);
    b.branch(x, '<', 5, end, { mask: 0xf0 });
    b.branch(x, '!=', -1, end);
    b.jump(end);
    b.assign(x, 2n ** 64n - 1n);
    const detail = b.bytes(Buffer.from('why'));
    b.fail({ errno: 22, value: x, detail });
    b.fail();
    b.place(end);
    const bytes = b.build().encode(-1);
    const args = (index: number) => instruction(bytes, index).args;
    expect([0, 1, 2, 3, 4, 5].map((index) => instruction(bytes, index).nr)).toEqual([
      opcodes.branch,
      opcodes.branch,
      opcodes.jump,
      opcodes.assign,
      opcodes.fail,
      opcodes.fail,
    ]);
    expect(args(0)).toEqual([at, 0xf0n, 2n, 5n, 0n, 0n]);
    expect(args(1)).toEqual([at, -1n, 1n, -1n, 0n, 0n]);
    expect([0, 1, 2].map((index) => instruction(bytes, index).next)).toEqual([6, 6, 6]);
    expect(instruction(bytes, 3)).toMatchObject({ args: [-1n, 0n, 0n, 0n, 0n, 0n], result: Number(at), next: none });
    expect(instruction(bytes, 4)).toMatchObject({ kinds: 0x120, args: [22n, at, BigInt(detail.offset), 3n, 0n, 0n] });
    expect(args(5)).toEqual([0n, 0n, 0n, 0n, 0n, 0n]);
  });

  it('writes pointers inside the data as addresses where the executor maps it', () => {
    const b = new ProgramBuilder('x64');
    b.call('execve', { pathname: '/x', argv: ['a', 'b', 'a'], envp: [] });
    const program = b.build();
    const bytes = Buffer.from(program.encode(-1));
    const dataOffset = bytes.readUInt32LE(format.header.dataOffset);
    const data = bytes.subarray(dataOffset);
    const at = Number(instruction(bytes, 0).args[1]);
    const pointers = [0, 1, 2, 3].map((index) => data.readBigUInt64LE(at + index * 8));
    const text = (pointer: bigint): string =>
      data
        .subarray(Number(pointer - format.base) - dataOffset)
        .toString()
        .split('\0', 1)[0]!;
    expect(pointers.slice(0, 3).map(text)).toEqual(['a', 'b', 'a']);
    expect(pointers[3]).toBe(0n);
  });

  it('refuses more than fits', () => {
    const handlers = new ProgramBuilder('x64');
    handlers.call(
      'getpid',
      {},
      { on: { EPERM: 'ignore', ENOENT: 'ignore', EIO: 'ignore', EBADF: 'ignore', any: 'ignore' } },
    );
    expect(() => handlers.build().encode(-1)).toThrow('instruction 0 handles 5 errors; at most 4 fit');
    const data = new ProgramBuilder('x64');
    data.zeros(format.maxSize, 'memory');
    expect(() => data.build().encode(-1)).toThrow(/^the program has 16777280 bytes; at most 16777216 fit$/);
    const steps = new ProgramBuilder('x64');
    const end = steps.label();
    for (let count = 0; count <= format.maxInstructions; count++) steps.jump(end);
    steps.place(end);
    expect(() => steps.build().encode(-1)).toThrow('the program has 65535 instructions; at most 65534 fit');
  });
});

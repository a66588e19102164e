import { exitCodes, Fd, format, hostArch, invoke, opcodes, ProgramBuilder } from '@nsinit/syscall';
import { afterAll, describe, expect, it } from 'vitest';
import { Memory, Nsexec } from './fixtures/nsexec.ts';
import { isSound } from './fixtures/soundness.ts';

const nsexec = new Nsexec();
afterAll(() => nsexec[Symbol.dispose]());

const { header, instruction: layout } = format;
const machine = format.machines[hostArch()];
const dataSize = 64;

type Field = 'nr' | 'kinds' | 'result' | 'next';

/** A program of four steps, call, branch, assign and fail, with 64 bytes of data or more; to be spoilt. */
class Draft {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size = dataSize) {
    const b = new ProgramBuilder();
    const end = b.label();
    const memory = b.zeros(size, 'memory');
    b.call('getpid', {}, { into: memory.cell(0, 8) });
    b.branch(memory.cell(0, 8), '!=', 0, end);
    b.assign(memory.cell(8, 8), 1);
    b.fail({ errno: 1, detail: memory });
    b.place(end);
    this.bytes = b.build().encode(-1);
    this.#view = new DataView(this.bytes.buffer);
  }

  header(field: Exclude<keyof typeof header, 'size'>, value: number): this {
    this.#view.setUint32(header[field], value, true);
    return this;
  }

  step(index: number, field: Field, value: number): this {
    this.#view.setUint32(this.#at(index) + layout[field], value, true);
    return this;
  }

  arg(index: number, arg: number, kind: number, value: number | bigint): this {
    const at = this.#at(index);
    const kinds = this.#view.getUint32(at + layout.kinds, true) & ~(15 << (arg * 4));
    this.#view.setUint32(at + layout.kinds, kinds | (kind << (arg * 4)), true);
    this.#view.setBigUint64(at + layout.args + arg * 8, BigInt.asUintN(64, BigInt(value)), true);
    return this;
  }

  handler(index: number, slot: number, error: number, target: number): this {
    this.#view.setUint16(this.#at(index) + layout.handlers + slot * 4, error, true);
    this.#view.setUint16(this.#at(index) + layout.handlers + slot * 4 + 2, target, true);
    return this;
  }

  #at(index: number): number {
    return header.size + index * layout.size;
  }
}

const [call, branch, assign, fail] = [0, 1, 2, 3] as const;
const [address, load64, loadS32, loadU32] = [1, 2, 3, 4] as const;
const size = new Draft().bytes.length;
const codeEnd = header.size + 4 * layout.size;
const maxU64 = 2n ** 64n - 1n;

const refused: Readonly<Record<string, (draft: Draft) => Draft>> = {
  'another magic': (d) => d.header('magic', 0x5245534e),
  'another version': (d) => d.header('version', format.version + 1),
  'another machine': (d) => d.header('machine', machine === 62 ? 183 : 62),
  'a size that is not the file’s': (d) => d.header('totalSize', size - 1),
  'a size beyond the file': (d) => d.header('totalSize', size + 1),
  'more instructions than there are': (d) => d.header('instructions', 5),
  'more instructions than targets can name': (d) => d.header('instructions', 0xffff),
  'so many instructions that their size overflows': (d) => d.header('instructions', 0xffffffff),
  'data inside the code': (d) => d.header('dataOffset', codeEnd - 16),
  'data that is not aligned': (d) => d.header('dataOffset', codeEnd + 8),
  'data beyond the file': (d) => d.header('dataOffset', size + 16).header('dataSize', 0),
  'data that ends beyond the file': (d) => d.header('dataSize', dataSize + 1),
  'data so long that its end overflows': (d) => d.header('dataSize', 0xffffffff),
  'a system call number that is none': (d) => d.step(call, 'nr', 0x10000),
  'an unknown opcode': (d) => d.step(call, 'nr', opcodes.fail + 1),
  'a number below the opcodes': (d) => d.step(call, 'nr', opcodes.jump - 1),
  'bits beyond the kinds': (d) => d.step(call, 'kinds', 1 << 25),
  'an unknown kind of the first argument': (d) => d.arg(call, 0, 5, 0),
  'an unknown kind of the last argument': (d) => d.arg(call, 5, 15, 0),
  'an address behind the data': (d) => d.arg(call, 0, address, dataSize + 1),
  'an address that overflows': (d) => d.arg(call, 5, address, maxU64),
  'eight bytes across the end of the data': (d) => d.arg(call, 2, load64, dataSize),
  'eight bytes that are not aligned': (d) => d.arg(call, 2, load64, 4),
  'eight bytes whose end overflows': (d) => d.arg(call, 2, load64, maxU64 - 7n),
  'four bytes across the end of the data': (d) => d.arg(call, 3, loadS32, dataSize),
  'four bytes that are not aligned': (d) => d.arg(call, 3, loadU32, 2),
  'four bytes whose end overflows': (d) => d.arg(call, 3, loadU32, maxU64 - 3n),
  'a result across the end of the data': (d) => d.step(call, 'result', dataSize - 4),
  'a result of four bytes behind the data': (d) => d.step(call, 'kinds', 1 << 24).step(call, 'result', dataSize),
  'a result that is not aligned': (d) => d.step(call, 'result', 2),
  'a result just below the mark for none': (d) => d.step(call, 'result', 0xfffffffc),
  'a step that follows itself': (d) => d.step(assign, 'next', assign),
  'a step that goes backwards': (d) => d.step(assign, 'next', branch),
  'a step that goes beyond the end': (d) => d.step(assign, 'next', 5),
  'a handler that goes backwards': (d) => d.handler(assign, 0, 1, branch),
  'a handler that goes beyond the end': (d) => d.handler(call, 3, 1, 5),
  'a catch-all that goes beyond the end': (d) => d.handler(call, 0, format.anyErrno, 0xffff),
  'a jump without a target': (d) => d.step(call, 'nr', opcodes.jump),
  'a branch without a target': (d) => d.step(branch, 'next', format.noPlace),
  'a branch with an unknown comparison': (d) => d.arg(branch, 2, 0, 4),
  'a branch with a comparison from memory': (d) => d.arg(branch, 2, load64, 0),
  'an assignment without a place': (d) => d.step(assign, 'result', format.noPlace),
  'a report with memory across the end of the data': (d) => d.arg(fail, 3, 0, dataSize + 1),
  'a report with memory at a place that is none': (d) => d.arg(fail, 2, 0, 0),
  'a report whose size comes from memory': (d) => d.arg(fail, 3, load64, 0),
};

const accepted: Readonly<Record<string, (draft: Draft) => Draft>> = {
  'the program as it is': (d) => d,
  'fewer instructions, jumping to their end': (d) => d.header('instructions', 3).step(branch, 'next', 3),
  'no instructions': (d) => d.header('instructions', 0),
  'the last addresses and places of the data': (d) =>
    d
      .arg(call, 0, address, dataSize)
      .arg(call, 1, load64, dataSize - 8)
      .arg(call, 2, loadS32, dataSize - 4)
      .arg(call, 3, loadU32, dataSize - 4)
      .step(call, 'result', dataSize - 8),
  'a result of eight bytes at a multiple of four': (d) => d.step(call, 'result', 4),
  'a step that goes to the end': (d) => d.step(assign, 'next', 4),
  'a handler that makes the call again': (d) => d.handler(assign, 0, 4, assign),
  'a handler without an error, wherever it points': (d) => d.handler(assign, 0, 0, 0xffff),
  'the last system call number': (d) => d.step(fail, 'nr', 0xffff),
  'a report without memory': (d) => d.arg(fail, 3, 0, 0).arg(fail, 2, 0, maxU64),
};

describe('nsexec check', () => {
  it.each(Object.entries(refused))('refuses %s', (_, spoil) => {
    const { bytes } = spoil(new Draft());
    expect(nsexec.run(bytes, { args: ['3', 'check'] })).toEqual({ status: exitCodes.badProgram, signal: null });
    expect(nsexec.run(bytes)).toEqual({ status: exitCodes.badProgram, signal: null });
    expect(isSound(bytes, machine)).toBe(false);
  });

  it.each(Object.entries(accepted))('accepts %s', (_, change) => {
    const { bytes } = change(new Draft());
    expect(nsexec.run(bytes, { args: ['3', 'check'] })).toEqual({ status: 0, signal: null });
    expect(isSound(bytes, machine)).toBe(true);
  });

  it('accepts a report of 512 bytes, and none of more', () => {
    const draft = new Draft(600);
    for (const [reported, status] of [
      [512, 0],
      [513, exitCodes.badProgram],
    ] as const)
      expect(nsexec.run(draft.arg(fail, 3, 0, reported).bytes, { args: ['3', 'check'] }).status).toBe(status);
  });

  it('accepts as many instructions as targets can name, and none more', () => {
    for (const [count, status] of [
      [format.maxInstructions, 0],
      [format.maxInstructions + 1, exitCodes.badProgram],
    ] as const) {
      const bytes = new Uint8Array(header.size + count * layout.size);
      bytes.set(new Draft().bytes.subarray(0, header.size));
      const view = new DataView(bytes.buffer);
      for (let at = header.size; at < bytes.length; at += layout.size) {
        view.setUint32(at + layout.result, format.noPlace, true);
        view.setUint32(at + layout.next, format.noPlace, true);
      }
      view.setUint32(header.instructions, count, true);
      view.setUint32(header.dataOffset, bytes.length, true);
      view.setUint32(header.dataSize, 0, true);
      view.setUint32(header.totalSize, bytes.length, true);
      expect(nsexec.run(bytes, { args: ['3', 'check'] }).status).toBe(status);
    }
  });

  it('refuses a file that is cut at any of its parts, or longer', () => {
    const { bytes } = new Draft();
    for (const length of [0, 1, 63, 64, 65, codeEnd - 1, codeEnd, size - 1, size + 1, size + 4096]) {
      const file = new Uint8Array(length);
      file.set(bytes.subarray(0, length));
      expect(nsexec.run(file, { args: ['3', 'check'] })).toEqual({ status: exitCodes.badProgram, signal: null });
    }
  });

  it('refuses a file beyond its bound, however it describes itself', () => {
    const big = new Uint8Array(format.maxSize + 1);
    big.set(new Draft().header('totalSize', big.length).bytes);
    expect(nsexec.run(big, { args: ['3', 'check'] }).status).toBe(exitCodes.badProgram);
    const largest = new Uint8Array(format.maxSize);
    largest.set(new Draft().header('totalSize', largest.length).bytes);
    expect(nsexec.run(largest, { args: ['3', 'check'] }).status).toBe(0);
  });
});

describe('nsexec', () => {
  it('says that there is no program for arguments that name none', () => {
    for (const args of [[], [''], ['x'], ['3x'], ['-1'], ['99999999999'], ['250'], ['3', 'check', 'more']])
      expect(nsexec.run(new Draft().bytes, { args })).toEqual({ status: exitCodes.noProgram, signal: null });
  });

  it('says that there is no program in a descriptor that cannot be mapped', () => {
    using memory = new Memory();
    memory.write(new Draft().bytes);
    const flags = ['O_WRONLY', 'O_CLOEXEC'] as const;
    using fd = new Fd(invoke('openat', { dirfd: { fd: -100 }, pathname: `/proc/self/fd/${memory.fd.fd}`, flags }));
    expect(nsexec.run(new Draft().bytes, { args: ['4'], fds: [fd] }).status).toBe(exitCodes.noProgram);
  });
});

import { describe, expect, it } from 'vitest';
import { hostArch } from '../abi/arch.ts';
import { errnos } from '../abi/errno.ts';
import { SyscallError } from '../errors.ts';
import { ProgramBuilder } from './builder.ts';
import { ProgramError, runProgram } from './run.ts';
import { AT_FDCWD, type Cell, fdAt } from './values.ts';

/** A descriptor that is never open. */
const closed = fdAt(0x7ffffff0);

function errorOf(b: ProgramBuilder): ProgramError {
  try {
    runProgram(b.build());
  } catch (error) {
    expect(error).toBeInstanceOf(ProgramError);
    return error as ProgramError;
  }
  throw new Error('the program came to its end');
}

/** Which of the marks the program went over. */
function trace(write: (b: ProgramBuilder, mark: (name: string) => void) => void): readonly string[] {
  const b = new ProgramBuilder();
  const marks = new Map<string, Cell>();
  write(b, (name) => {
    const cell = b.variable(name);
    marks.set(name, cell);
    b.assign(cell, 1);
  });
  const read = runProgram(b.build());
  return [...marks].filter(([, cell]) => read(cell) === 1n).map(([name]) => name);
}

describe('calls', () => {
  it('give their results to later calls and to the reader', () => {
    const b = new ProgramBuilder();
    const fd = b.call('openat', { dirfd: AT_FDCWD, pathname: '/proc/self/stat', flags: ['O_RDONLY', 'O_CLOEXEC'] });
    const text = b.zeros(16, 'text');
    const size = b.call('read', { fd, buf: text }, { into: b.variable('size') });
    b.call('close', { fd });
    const pid = b.call('getpid', {}, { into: b.variable('pid') });
    const read = runProgram(b.build());
    expect(read(size)).toBe(16n);
    expect(read(pid)).toBe(BigInt(process.pid));
    expect(String(read(text.cell(0, 8)).toString(16))).toBe(
      Buffer.from(`${process.pid} (node`).subarray(0, 8).readBigUInt64LE().toString(16),
    );
  });

  it('leave four bytes of a result beside others alone', () => {
    const b = new ProgramBuilder();
    const memory = b.bytes(new Uint8Array(12).fill(0xff));
    b.call('getpid', {}, { into: memory.cell(4, 4) });
    const read = runProgram(b.build());
    const words = [0, 4, 8].map((offset) => read(memory.cell(offset, 4)));
    expect(words).toEqual([0xffffffffn, BigInt(process.pid), 0xffffffffn]);
  });

  it('go where the program says after success', () => {
    const marks = trace((b, mark) => {
      const after = b.label();
      b.call('getpid', {}, { next: after });
      mark('skipped');
      b.place(after);
      mark('after');
    });
    expect(marks).toEqual(['after']);
  });
});

describe('errors', () => {
  it('end the program with the step, its reason and the call', () => {
    const b = new ProgramBuilder();
    b.call('getpid', {});
    b.call('fchdir', { fd: closed }, { what: 'enter the root', field: 'rootfs' });
    const error = errorOf(b);
    expect(error.message).toBe('rootfs: enter the root: fchdir(2147483632): EBADF (bad file descriptor)');
    expect(error).toMatchObject({ name: 'ProgramError', index: 1, errno: errnos.EBADF, value: 0n });
    expect(error.reason).toEqual({ what: 'enter the root', field: 'rootfs' });
    expect(error.detail).toHaveLength(0);
    expect(error.cause).toBeInstanceOf(SyscallError);
    expect(error.cause).toMatchObject({ syscall: 'fchdir', code: 'EBADF', errno: 9, args: ['2147483632'] });
  });

  it('name the step by its place where no reason is given', () => {
    const b = new ProgramBuilder();
    b.call('getpid', {});
    b.call('chdir', { path: '/nowhere/at all' });
    expect(errorOf(b).message).toBe('step 1: chdir("/nowhere/at all"): ENOENT (no such file or directory)');
  });

  it('are ignored, dealt with, or left to the catch-all', () => {
    const marks = trace((b, mark) => {
      const named = b.label();
      const other = b.label();
      const end = b.label();
      b.call('close', { fd: closed }, { on: { any: 'ignore' } });
      mark('ignored');
      b.call('close', { fd: closed }, { on: { any: 'ignore', EBADF: named, EIO: 'ignore' } });
      mark('not by the name');
      b.place(named);
      b.call('close', { fd: closed }, { on: { EIO: 'ignore', any: other } });
      mark('not by the catch-all');
      b.jump(end);
      b.place(other);
      mark('catch-all');
      b.place(end);
    });
    expect(marks).toEqual(['ignored', 'catch-all']);
  });

  it('store their number, negated, as the result', () => {
    const b = new ProgramBuilder();
    const result = b.call('close', { fd: closed }, { on: { EBADF: 'ignore' }, into: b.variable('result') });
    expect(BigInt.asIntN(64, runProgram(b.build())(result))).toBe(-9n);
  });
});

describe('branch', () => {
  const max = 2n ** 64n - 1n;
  it.each([
    [5n, '==', 5, true],
    [5n, '==', 6, false],
    [5n, '!=', 6, true],
    [5n, '!=', 5, false],
    [5n, '<', 6, true],
    [5n, '<', 5, false],
    [5n, '>=', 5, true],
    [4n, '>=', 5, false],
    [max, '<', 5, false],
    [max, '==', -1, true],
    [-9n, '>=', 5, true],
    [5n, '<', -1, true],
  ] as const)('compares as unsigned numbers: %s %s %s is %s', (value, comparison, against, holds) => {
    const marks = trace((b, mark) => {
      const x = b.variable('x');
      const end = b.label();
      b.assign(x, value);
      b.branch(x, comparison, against, end);
      mark('went on');
      b.place(end);
    });
    expect(marks.length === 0).toBe(holds);
  });

  it('masks the value first', () => {
    const marks = trace((b, mark) => {
      const x = b.variable('x');
      const end = b.label();
      b.assign(x, 0xabcd);
      b.branch(x, '==', 0xab, end, { mask: 0xff });
      mark('other bits');
      b.branch(x, '==', 0xab00, end, { mask: 0xff00 });
      mark('masked');
      b.place(end);
    });
    expect(marks).toEqual(['other bits']);
  });
});

describe('assign', () => {
  it('copies numbers and other cells, widened by their sign', () => {
    const b = new ProgramBuilder();
    const memory = b.bytes(Buffer.from('ffffffff', 'hex'));
    const [signed, unsigned, number] = [b.variable('s'), b.variable('u'), b.variable('n')];
    b.assign(signed, memory.cell(0, -4));
    b.assign(unsigned, memory.cell(0, 4));
    b.assign(number, -2);
    const read = runProgram(b.build());
    expect([read(signed), read(unsigned), read(number)]).toEqual([2n ** 64n - 1n, 0xffffffffn, 2n ** 64n - 2n]);
  });
});

describe('fail', () => {
  it('tells an error with a number and memory as it is then', () => {
    const b = new ProgramBuilder();
    const status = b.variable('status');
    const detail = b.bytes(Buffer.from('....'));
    b.assign(status, 3);
    b.call('getpid', {}, { into: detail.cell(0, 4) });
    b.fail({ errno: errnos.ECANCELED, value: status, detail, what: 'hook ended', field: 'hooks[0]' });
    const error = errorOf(b);
    expect(error.message).toBe('hooks[0]: hook ended: ECANCELED (operation canceled)');
    expect(error).toMatchObject({ index: 2, errno: errnos.ECANCELED, value: 3n, cause: undefined });
    expect(Buffer.from(error.detail).readUInt32LE()).toBe(process.pid);
  });

  it('without an error tells the last call whose error made a jump', () => {
    const b = new ProgramBuilder();
    const failed = b.label();
    b.call('close', { fd: closed }, { on: { any: 'ignore' } });
    b.call('chdir', { path: '/nowhere' }, { on: { any: failed }, what: 'go', field: 'cwd' });
    b.call('getpid', {});
    b.place(failed);
    b.call('close', { fd: closed }, { on: { any: 'ignore' } });
    b.fail({ value: -1, detail: b.bytes(Buffer.from('log')), what: 'tell' });
    const error = errorOf(b);
    expect(error.message).toBe('cwd: go: chdir("/nowhere"): ENOENT (no such file or directory)');
    expect(error).toMatchObject({ index: 1, errno: errnos.ENOENT, value: -1n });
    expect(Buffer.from(error.detail).toString()).toBe('log');
  });

  it('without any error says so', () => {
    const b = new ProgramBuilder();
    b.fail({ what: 'never' });
    expect(errorOf(b).message).toBe('never: failed');
    expect(errorOf(b)).toMatchObject({ index: 0, errno: 0 });
  });
});

describe('runProgram', () => {
  it('refuses calls that this process would not survive', () => {
    const write: readonly ((b: ProgramBuilder) => void)[] = [
      (b) => b.call('clone3', { cl_args: { exit_signal: 17 } }),
      (b) => b.call('execve', { pathname: '/bin/true', argv: ['true'], envp: [] }),
      (b) => b.call('execveat', { dirfd: closed, pathname: '', argv: [], envp: [], flags: ['AT_EMPTY_PATH'] }),
      (b) => b.call('exit_group', { status: 0 }),
    ];
    for (const call of write) {
      const b = new ProgramBuilder();
      // It would fail here, were anything run at all.
      b.call('close', { fd: closed });
      call(b);
      expect(() => runProgram(b.build())).toThrow(/^\w+ cannot run inside the calling process/);
    }
  });

  it('refuses a program of another architecture', () => {
    const other = hostArch() === 'x64' ? 'arm64' : 'x64';
    expect(() => runProgram(new ProgramBuilder(other).build())).toThrow(
      `the program is for ${other}, this is ${hostArch()}`,
    );
  });

  it('runs an empty program, and has no value for a cell that it does not use', () => {
    const b = new ProgramBuilder();
    const unused = b.call('getpid', {}, { as: 'pid' });
    expect(() => runProgram(b.build())(unused)).toThrow('pid is not used by the program');
    expect(runProgram(new ProgramBuilder().build())).toBeTypeOf('function');
  });
});

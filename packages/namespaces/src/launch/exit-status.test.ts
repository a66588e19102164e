import { sizeOf } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { exitStatus, parseStatusFile, shellExitCode, signalName } from './exit-status.ts';

describe('exitStatus', () => {
  it('is a code, a signal, or a signal with a core dump', () => {
    expect(exitStatus(1, 3)).toEqual({ exitCode: 3, signal: undefined, signalNumber: undefined, coreDumped: false });
    expect(exitStatus(2, 9)).toEqual({ exitCode: undefined, signal: 'SIGKILL', signalNumber: 9, coreDumped: false });
    expect(exitStatus(3, 11)).toMatchObject({ signal: 'SIGSEGV', coreDumped: true });
  });

  it('becomes what a shell says', () => {
    expect(shellExitCode(exitStatus(1, 255))).toBe(255);
    expect(shellExitCode(exitStatus(2, 15))).toBe(143);
  });
});

it('names signals, also those without a name', () => {
  expect([1, 6, 15, 29, 34, 64].map(signalName)).toEqual(['SIGHUP', 'SIGABRT', 'SIGTERM', 'SIGIO', 'SIG34', 'SIG64']);
});

describe('the record of a supervisor', () => {
  const record = (code: number, status: number, pid: number) => {
    const bytes = Buffer.alloc(sizeOf('siginfo') + 8);
    bytes.writeInt32LE(17, 0);
    bytes.writeInt32LE(code, 8);
    bytes.writeInt32LE(status, 24);
    bytes.writeInt32LE(pid, sizeOf('siginfo') + 4);
    return bytes;
  };

  it('is empty until the process exists', () => {
    const nothing = { pid: undefined, exit: undefined };
    expect(parseStatusFile(new Uint8Array())).toEqual(nothing);
    expect(parseStatusFile(record(0, 0, 0))).toEqual(nothing);
    expect(parseStatusFile(record(0, 0, 0).subarray(0, 100))).toEqual(nothing);
  });

  it('says who it is, and how it ended', () => {
    expect(parseStatusFile(record(0, 0, 77))).toEqual({ pid: 77, exit: undefined });
    expect(parseStatusFile(record(1, 5, 77))).toMatchObject({ pid: 77, exit: { exitCode: 5 } });
    expect(parseStatusFile(record(2, 6, 77))).toMatchObject({ exit: { signal: 'SIGABRT' } });
  });
});

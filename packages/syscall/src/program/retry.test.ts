import { beforeEach, expect, it, vi } from 'vitest';
import { errnos } from '../abi/errno.ts';
import { ProgramBuilder } from './builder.ts';
import { maxRetries } from './format.ts';
import { runProgram } from './run.ts';

// How often a call is made cannot be seen from outside: the kernel is stood in for, everything above it is real.
const { rawSyscall } = vi.hoisted(() => ({ rawSyscall: vi.fn<() => number>() }));
vi.mock('../libc.ts', async (original) => ({ ...(await original<object>()), rawSyscall }));

beforeEach(() => {
  rawSyscall.mockReset();
});

function retrying(): ProgramBuilder {
  const b = new ProgramBuilder();
  b.call('getpid', {}, { on: { EAGAIN: 'retry', EINTR: 'retry' } });
  return b;
}

it('makes a call again 128 times at most', () => {
  rawSyscall.mockReturnValue(-errnos.EAGAIN);
  expect(() => runProgram(retrying().build())).toThrow('EAGAIN');
  expect(rawSyscall).toHaveBeenCalledTimes(1 + maxRetries);
});

it('goes on when the last of them succeeds', () => {
  for (let call = 0; call < maxRetries; call++)
    rawSyscall.mockReturnValueOnce(call % 2 ? -errnos.EAGAIN : -errnos.EINTR);
  rawSyscall.mockReturnValueOnce(1);
  runProgram(retrying().build());
  expect(rawSyscall).toHaveBeenCalledTimes(1 + maxRetries);
});

it('ends at once for an error that is not to be retried', () => {
  rawSyscall.mockReturnValueOnce(-errnos.EINTR).mockReturnValueOnce(-errnos.EPERM);
  expect(() => runProgram(retrying().build())).toThrow('EPERM');
  expect(rawSyscall).toHaveBeenCalledTimes(2);
});

it('counts for each call anew', () => {
  const b = retrying();
  b.call('getpid', {}, { on: { EAGAIN: 'retry' } });
  for (let call = 0; call < maxRetries; call++) rawSyscall.mockReturnValueOnce(-errnos.EAGAIN);
  rawSyscall.mockReturnValueOnce(1).mockReturnValueOnce(-errnos.EAGAIN).mockReturnValueOnce(1);
  runProgram(b.build());
  expect(rawSyscall).toHaveBeenCalledTimes(maxRetries + 3);
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errnos } from './abi/errno.ts';
import { decodeStruct, sizeOf } from './abi/layout.ts';
import { SyscallError } from './errors.ts';
import { Fd } from './fd.ts';
import { invoke, tryInvoke } from './invoke.ts';
import { AT_FDCWD, fdAt } from './program/values.ts';

function errorOf(action: () => unknown): SyscallError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(SyscallError);
    return error as SyscallError;
  }
  throw new Error('the call succeeded');
}

describe('invoke', () => {
  it('gives the result', () => {
    expect(invoke('getpid', {})).toBe(process.pid);
  });

  it('writes and reads memory', () => {
    const dir = mkdtempSync(join(tmpdir(), 'nsinit-syscall-'));
    try {
      const pathname = join(dir, 'é');
      const how = { flags: ['O_RDWR', 'O_CREAT', 'O_EXCL', 'O_CLOEXEC'], mode: 0o640 } as const;
      using file = new Fd(invoke('openat2', { dirfd: AT_FDCWD, pathname, how }));
      expect(invoke('write', { fd: file, buf: Buffer.from('hello') })).toBe(5);
      expect(readFileSync(pathname, 'utf8')).toBe('hello');
      const buf = new Uint8Array(3);
      expect(invoke('pread64', { fd: file, buf, offset: 1 })).toBe(3);
      expect(Buffer.from(buf).toString()).toBe('ell');
      const statxbuf = new Uint8Array(sizeOf('statx'));
      invoke('statx', { dirfd: file, pathname: '', flags: ['AT_EMPTY_PATH'], mask: ['STATX_BASIC_STATS'], statxbuf });
      expect(decodeStruct('statx', new DataView(statxbuf.buffer))).toMatchObject({ stx_size: 5n, stx_mode: 0o100640 });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('throws with the call as strace writes it', () => {
    const how = { flags: ['O_RDONLY'] } as const;
    const error = errorOf(() => invoke('openat2', { dirfd: AT_FDCWD, pathname: '/nowhere', how }));
    expect(error.message).toBe(
      'openat2(AT_FDCWD, "/nowhere", {flags=O_RDONLY}, 24): ENOENT (no such file or directory)',
    );
    expect(error).toMatchObject({
      name: 'SyscallError',
      syscall: 'openat2',
      errno: errnos.ENOENT,
      code: 'ENOENT',
      args: ['AT_FDCWD', '"/nowhere"', '{flags=O_RDONLY}', '24'],
    });
  });

  it('shows memory by its size', () => {
    const error = errorOf(() => invoke('read', { fd: fdAt(0x7ffffff0), buf: new Uint8Array(3) }));
    expect(error.message).toBe('read(2147483632, [3 bytes], 3): EBADF (bad file descriptor)');
  });

  it('refuses a text with a NUL, which would be cut', () => {
    expect(() => invoke('chdir', { path: '/\0/x' })).toThrow('holds a NUL byte');
  });
});

describe('tryInvoke', () => {
  it('gives the negated error', () => {
    expect(tryInvoke('close', { fd: fdAt(0x7ffffff0) })).toBe(-errnos.EBADF);
  });
});

describe('memfd_create, fcntl', () => {
  it('know the seals that headers may be too old for', ({ skip }) => {
    const result = tryInvoke('memfd_create', { name: 'x', flags: ['MFD_CLOEXEC', 'MFD_NOEXEC_SEAL'] });
    skip(result === -errnos.EINVAL, 'memfd_create(2) has no MFD_NOEXEC_SEAL before kernel 6.3');
    using sealed = new Fd(result);
    // MFD_NOEXEC_SEAL sets F_SEAL_EXEC.
    expect(invoke('fcntl', { fd: sealed, op: 'F_GET_SEALS' })).toBe(32);
    using open = new Fd(invoke('memfd_create', { name: 'x', flags: ['MFD_CLOEXEC', 'MFD_EXEC'] }));
    expect(invoke('fcntl', { fd: open, op: 'F_GET_SEALS' })).toBe(1);
  });
});

import { type ErrnoName, errnoMessage, errnoName } from './abi/errno.ts';

/** A system call that failed: which one, with what arguments, and why. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  /** The system call's name. */
  readonly syscall: string;
  /** The error number. */
  readonly errno: number;
  /** Its name, as Node's own errors carry it: `ENOENT`. */
  readonly code: ErrnoName | `E${number}`;
  /** The arguments as strace would write them. */
  readonly args: readonly string[];

  constructor(syscall: string, errno: number, args: readonly string[] = []) {
    super(`${syscall}(${args.join(', ')}): ${errnoName(errno)} (${errnoMessage(errno)})`);
    this.syscall = syscall;
    this.errno = errno;
    this.code = errnoName(errno);
    this.args = args;
  }
}

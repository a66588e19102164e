import { AT_FDCWD, Fd, type FdNumber, invoke } from '@nsinit/syscall';
import { ARCHITECTURES, type Architecture, AUDIT_ARCH, X32_BIT } from '../architecture.ts';
import { SeccompError } from '../errors.ts';
import { MAX_ERRNO } from '../model/action.ts';
import { syscallName } from '../syscalls/lookup.ts';
import { ADDFD_SEND, ADDFD_SETFD, FLAG_CONTINUE, NOTIFY_SIZES, notifyError, notifyIoctl } from './abi.ts';

const ENOENT = 2;

/** How {@link NotifyRequest.addFd} puts a descriptor into the process. */
export interface AddFdOptions {
  /** The number that it gets there, replacing what has it; undefined: the lowest that is free. */
  readonly at?: number;
  /** Whether execve(2) closes it there; undefined: yes. */
  readonly closeOnExec?: boolean;
  /** Whether the call is answered with the number at the same moment. Linux 5.14; undefined: no. */
  readonly answer?: boolean;
}

/**
 * A system call that waits for an answer. Its caller can die meanwhile, and its id be given to another process: the answers
 * say whether there was still somebody to take them.
 */
export class NotifyRequest {
  /** The cookie of this request. */
  readonly id: bigint;
  /** The thread that makes the call, as this process's pid namespace numbers it; 0: it cannot be seen from here. */
  readonly pid: number;
  /** How the call is made; undefined: in a way without a table. */
  readonly architecture: Architecture | undefined;
  /** Number of the call, of x32 without its bit. */
  readonly number: number;
  /** Its name; undefined: the tables have none. */
  readonly name: string | undefined;
  /** Six arguments. What lies in memory can be changed by other threads after it was looked at. */
  readonly args: readonly bigint[];
  readonly instructionPointer: bigint;
  readonly #listener: FdNumber;

  /** @param bytes struct seccomp_notif. */
  constructor(listener: FdNumber, bytes: Buffer) {
    this.#listener = listener;
    this.id = bytes.readBigUInt64LE(0);
    this.pid = bytes.readUInt32LE(8);
    const nr = bytes.readUInt32LE(16);
    const arch = bytes.readUInt32LE(20);
    const isX32 = arch === AUDIT_ARCH.x32 && nr >= X32_BIT;
    this.number = isX32 ? nr - X32_BIT : nr;
    this.architecture = isX32 ? 'x32' : ARCHITECTURES.find((name) => AUDIT_ARCH[name] === arch);
    this.name = this.architecture && syscallName(this.architecture, this.number);
    this.instructionPointer = bytes.readBigUInt64LE(24);
    this.args = Array.from({ length: 6 }, (_, index) => bytes.readBigUInt64LE(32 + index * 8));
  }

  /**
   * Whether the caller still waits. To be asked after something was opened by its pid and before that is believed.
   * SECCOMP_IOCTL_NOTIF_ID_VALID
   */
  isValid(): boolean {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(this.id);
    const result = notifyIoctl(this.#listener, 'SECCOMP_IOCTL_NOTIF_ID_VALID', bytes);
    if (result < 0 && result !== -ENOENT) throw notifyError('SECCOMP_IOCTL_NOTIF_ID_VALID', this.#listener, -result);
    return result === 0;
  }

  /** Lets the call return a value. @returns false when the caller is gone. */
  succeed(value: number | bigint = 0): boolean {
    return this.#answer(BigInt(value), 0, 0);
  }

  /** Lets the call fail. @returns false when the caller is gone. */
  fail(errno: number): boolean {
    if (!Number.isInteger(errno) || errno < 1 || errno > MAX_ERRNO)
      throw new SeccompError('', `errno ${errno} is not between 1 and ${MAX_ERRNO}`);
    return this.#answer(0n, -errno, 0);
  }

  /**
   * Lets the kernel make the call. It looks at memory again, which may have changed: this is no way to permit a call for
   * what it points at. Linux 5.5
   *
   * @returns false when the caller is gone.
   */
  continue(): boolean {
    return this.#answer(0n, 0, FLAG_CONTINUE);
  }

  /**
   * Gives the process a copy of a descriptor of this process. Linux 5.9
   *
   * @returns the number that it has there; undefined: the caller is gone.
   */
  addFd(fd: FdNumber, options: AddFdOptions = {}): number | undefined {
    const { at, closeOnExec = true, answer = false } = options;
    const bytes = Buffer.alloc(NOTIFY_SIZES.seccomp_notif_addfd);
    bytes.writeBigUInt64LE(this.id, 0);
    bytes.writeUInt32LE((at === undefined ? 0 : ADDFD_SETFD) | (answer ? ADDFD_SEND : 0), 8);
    bytes.writeUInt32LE(fd.fd, 12);
    bytes.writeUInt32LE(at ?? 0, 16);
    bytes.writeUInt32LE(closeOnExec ? 0o2000000 : 0, 20);
    const result = notifyIoctl(this.#listener, 'SECCOMP_IOCTL_NOTIF_ADDFD', bytes);
    if (result === -ENOENT) return undefined;
    if (result < 0) throw notifyError('SECCOMP_IOCTL_NOTIF_ADDFD', this.#listener, -result);
    return result;
  }

  /**
   * Reads the caller's memory.
   *
   * @returns up to `size` bytes; undefined: the caller is gone.
   */
  readMemory(address: bigint, size: number): Buffer | undefined {
    const flags = ['O_RDONLY', 'O_CLOEXEC'] as const;
    if (!this.isValid()) return undefined;
    using memory = new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: `/proc/${this.pid}/mem`, flags }));
    // Only now is it known whose memory was opened.
    if (!this.isValid()) return undefined;
    const buf = Buffer.alloc(size);
    return buf.subarray(0, invoke('pread64', { fd: memory, buf, offset: address }));
  }

  /** Reads a text of the caller's memory up to its NUL, of at most 4096 bytes. undefined: the caller is gone. */
  readText(address: bigint): string | undefined {
    const parts: Buffer[] = [];
    for (let at = address; at < address + 4096n; ) {
      // Not beyond a page that is there.
      const part = this.readMemory(at, Number(4096n - (at % 4096n)));
      if (!part) return undefined;
      const end = part.indexOf(0);
      parts.push(end < 0 ? part : part.subarray(0, end));
      if (end >= 0 || part.length === 0) break;
      at += BigInt(part.length);
    }
    return Buffer.concat(parts).toString();
  }

  #answer(value: bigint, error: number, flags: number): boolean {
    const bytes = Buffer.alloc(NOTIFY_SIZES.seccomp_notif_resp);
    bytes.writeBigUInt64LE(this.id, 0);
    bytes.writeBigInt64LE(BigInt.asIntN(64, value), 8);
    bytes.writeInt32LE(error, 16);
    bytes.writeUInt32LE(flags, 20);
    const result = notifyIoctl(this.#listener, 'SECCOMP_IOCTL_NOTIF_SEND', bytes);
    if (result === -ENOENT) return false;
    if (result < 0) throw notifyError('SECCOMP_IOCTL_NOTIF_SEND', this.#listener, -result);
    return true;
  }
}

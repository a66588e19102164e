import { addressOf, type FdNumber, hostArch, rawSyscall, SyscallError, syscallNumbers } from '@nsinit/syscall';

/** linux/seccomp.h: ioctls of a listener; the numbers hold the sizes of their structures. */
export const NOTIFY_IOCTLS = {
  SECCOMP_IOCTL_NOTIF_RECV: 0xc0502100,
  SECCOMP_IOCTL_NOTIF_SEND: 0xc0182101,
  SECCOMP_IOCTL_NOTIF_ID_VALID: 0x40082102,
  SECCOMP_IOCTL_NOTIF_ADDFD: 0x40182103,
} as const;

/** linux/seccomp.h: sizes of the structures as this was written for; a newer kernel's can be larger. */
export const NOTIFY_SIZES = { seccomp_notif: 80, seccomp_notif_resp: 24, seccomp_notif_addfd: 24 } as const;

/** linux/seccomp.h SECCOMP_USER_NOTIF_FLAG_CONTINUE */
export const FLAG_CONTINUE = 1;
/** linux/seccomp.h SECCOMP_ADDFD_FLAG_SETFD, SECCOMP_ADDFD_FLAG_SEND */
export const ADDFD_SETFD = 1;
export const ADDFD_SEND = 2;

const EINTR = 4;
const GET_NOTIF_SIZES = 3;

/** One ioctl of a listener: its result, or the negated error number. */
export function notifyIoctl(fd: FdNumber, name: keyof typeof NOTIFY_IOCTLS, argument: Uint8Array): number {
  for (;;) {
    const result = rawSyscall(nr('ioctl'), [fd.fd, NOTIFY_IOCTLS[name], addressOf(argument)]);
    if (result !== -EINTR) return result;
  }
}

/** The error of a failed ioctl. */
export function notifyError(name: keyof typeof NOTIFY_IOCTLS, fd: FdNumber, errno: number): SyscallError {
  return new SyscallError('ioctl', errno, [String(fd.fd), name]);
}

/**
 * The sizes of the running kernel's structures. seccomp(2) SECCOMP_GET_NOTIF_SIZES
 *
 * @throws {SyscallError} on a kernel without notifications.
 */
export function notifySizes(): { readonly request: number; readonly response: number; readonly data: number } {
  const sizes = Buffer.alloc(6);
  const result = rawSyscall(nr('seccomp'), [GET_NOTIF_SIZES, 0, addressOf(sizes)]);
  if (result < 0) throw new SyscallError('seccomp', -result, ['SECCOMP_GET_NOTIF_SIZES']);
  return { request: sizes.readUInt16LE(0), response: sizes.readUInt16LE(2), data: sizes.readUInt16LE(4) };
}

function nr(name: 'ioctl' | 'seccomp'): number {
  return syscallNumbers[name][hostArch() === 'x64' ? 0 : 1];
}

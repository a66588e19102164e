import type { Arch } from '@nsinit/syscall';

/**
 * The ways into the kernel that a filter can tell apart. `x32` is x86-64 with another set of numbers; `x86` is reached
 * from any 64-bit process by `int 0x80`.
 */
export const ARCHITECTURES = ['x86_64', 'x86', 'x32', 'arm64', 'arm'] as const;

/** One of {@link ARCHITECTURES}. */
export type Architecture = (typeof ARCHITECTURES)[number];

/** `arch` of struct seccomp_data: linux/audit.h AUDIT_ARCH_*. x32 shares that of x86-64. */
export const AUDIT_ARCH: Readonly<Record<Architecture, number>> = {
  x86_64: 0xc000003e,
  x86: 0x40000003,
  x32: 0xc000003e,
  arm64: 0xc00000b7,
  arm: 0x40000028,
};

/** What the kernel adds to the number of a call that is made the x32 way. asm/unistd.h __X32_SYSCALL_BIT */
export const X32_BIT = 0x40000000;

/** The kernels that can have an architecture as one of theirs, the native one first. */
const families: Readonly<Record<Arch, readonly Architecture[]>> = {
  x64: ['x86_64', 'x86', 'x32'],
  arm64: ['arm64', 'arm'],
};

/** What a process of this machine can use, the native architecture first. */
export function familyOf(machine: Arch): readonly Architecture[] {
  return families[machine];
}

/** Whether arguments are 32 bits wide: the high halves that a filter sees are 0 then. */
export function isNarrow(architecture: Architecture): boolean {
  return architecture === 'x86' || architecture === 'arm';
}

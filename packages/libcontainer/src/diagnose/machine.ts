import type { Arch } from '@nsinit/syscall';
import type { Elf } from './elf.ts';

/** e_machine by number, named as uname(2) and the emulators name it. linux/elf-em.h */
const machines: Readonly<Record<number, string>> = {
  2: 'sparc',
  3: 'i386',
  4: 'm68k',
  8: 'mips',
  15: 'hppa',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  42: 'sh4',
  43: 'sparc64',
  50: 'ia64',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64',
  247: 'bpf',
  258: 'loongarch64',
  36902: 'alpha',
};

/** Architectures of both byte orders, whose names say the one that the number does not. */
const otherOrder: Readonly<Record<number, string>> = { 8: 'mipsel', 21: 'ppc64le', 40: 'armeb', 183: 'aarch64_be' };
const bigEndianByDefault: ReadonlySet<number> = new Set([2, 4, 8, 15, 20, 21, 22, 43]);

/** The e_machine values that a host may run by itself, its own first. */
const runnable: Readonly<Record<Arch, readonly number[]>> = { x64: [62, 3], arm64: [183, 40] };

/** The architecture of an ELF file: `aarch64`; `machine 9999` for a number without a name. */
export function machineName({ machine, littleEndian, bits }: Pick<Elf, 'machine' | 'littleEndian' | 'bits'>): string {
  const ordinary = littleEndian !== bigEndianByDefault.has(machine);
  const name = (ordinary ? undefined : otherOrder[machine]) ?? machines[machine] ?? `machine ${machine}`;
  if (machine === 8 && bits === 64) return littleEndian ? 'mips64el' : 'mips64';
  return machine === 243 && bits === 32 ? 'riscv32' : name;
}

/** The host's own architecture as {@link machineName} writes it. */
export function hostMachineName(arch: Arch): string {
  return machines[runnable[arch][0]!]!;
}

/** Whether the host's processor can run the file, given a kernel that is built for it. */
export function isForHost({ machine, littleEndian }: Pick<Elf, 'machine' | 'littleEndian'>, arch: Arch): boolean {
  return littleEndian && runnable[arch].includes(machine);
}

/** Whether the file is for the host's own word size. */
export function isNative({ machine }: Pick<Elf, 'machine'>, arch: Arch): boolean {
  return runnable[arch][0] === machine;
}

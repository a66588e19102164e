import type { Architecture } from '../architecture.ts';
import type { ActionKind } from '../model/action.ts';
import { FILTER_FLAGS, type FilterFlag, type Operator } from '../model/filter.ts';

/** Actions of the runtime specification. SCMP_ACT_KILL is that of a thread, as the kernel's SECCOMP_RET_KILL is. */
export const ociActions: Readonly<Record<string, ActionKind>> = {
  SCMP_ACT_KILL: 'KILL_THREAD',
  SCMP_ACT_KILL_PROCESS: 'KILL_PROCESS',
  SCMP_ACT_KILL_THREAD: 'KILL_THREAD',
  SCMP_ACT_TRAP: 'TRAP',
  SCMP_ACT_ERRNO: 'ERRNO',
  SCMP_ACT_TRACE: 'TRACE',
  SCMP_ACT_ALLOW: 'ALLOW',
  SCMP_ACT_LOG: 'LOG',
  SCMP_ACT_NOTIFY: 'NOTIFY',
};

/** Comparisons of the runtime specification. */
export const ociOperators: Readonly<Record<string, Operator>> = {
  SCMP_CMP_NE: 'NE',
  SCMP_CMP_LT: 'LT',
  SCMP_CMP_LE: 'LE',
  SCMP_CMP_EQ: 'EQ',
  SCMP_CMP_GE: 'GE',
  SCMP_CMP_GT: 'GT',
  SCMP_CMP_MASKED_EQ: 'MASKED_EQ',
};

/** Architectures of the runtime specification; undefined: no process of ours can be of that one. */
export const ociArchitectures: Readonly<Record<string, Architecture | undefined>> = {
  SCMP_ARCH_X86_64: 'x86_64',
  SCMP_ARCH_X86: 'x86',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_AARCH64: 'arm64',
  SCMP_ARCH_ARM: 'arm',
  ...Object.fromEntries(
    [
      ...[
        'MIPS',
        'MIPS64',
        'MIPS64N32',
        'MIPSEL',
        'MIPSEL64',
        'MIPSEL64N32',
        'PPC',
        'PPC64',
        'PPC64LE',
        'S390',
        'S390X',
      ],
      ...['PARISC', 'PARISC64', 'RISCV64', 'LOONGARCH64', 'M68K', 'SH', 'SHEB'],
    ].map((name) => [`SCMP_ARCH_${name}`, undefined]),
  ),
};

/** Names of architectures in conditions of Docker's profiles. */
export const goArchitectures: Readonly<Record<string, Architecture>> = {
  amd64: 'x86_64',
  x86_64: 'x86_64',
  x86: 'x86',
  386: 'x86',
  x32: 'x32',
  arm64: 'arm64',
  aarch64: 'arm64',
  arm: 'arm',
};

/** Flags of the runtime specification. */
export const ociFlags: Readonly<Record<string, FilterFlag>> = Object.fromEntries(
  Object.keys(FILTER_FLAGS).map((name) => [`SECCOMP_FILTER_FLAG_${name}`, name as FilterFlag]),
);

import type { Config } from './config.ts';
import { NAMESPACE_FLAGS } from './namespaces.ts';
import type { Rlimit } from './rlimit.ts';
import { SECCOMP_OPERATOR, type Seccomp, type SeccompSyscall } from './seccomp.ts';

/** What a security profile replaces in a configuration. Labels and the AppArmor profile are left as they are. */
export interface SecurityProfile {
  readonly capabilities: readonly string[];
  readonly rlimits: readonly Rlimit[];
  readonly seccomp: Seccomp;
}

const EPERM = 1;
const ENOSYS = 38;

const denied = (...names: readonly string[]): readonly SeccompSyscall[] =>
  names.map((value) => ({ value, action: EPERM }));

const NO_USER_NAMESPACE: readonly SeccompSyscall[] = [
  {
    value: 'clone',
    action: EPERM,
    args: [{ index: 0, value: NAMESPACE_FLAGS.NEWUSER, op: SECCOMP_OPERATOR.maskEqualTo }],
  },
  // A filter cannot see the flags of clone3, which are in memory; C libraries fall back to clone on ENOSYS.
  { value: 'clone3', action: ENOSYS },
];

const OPEN_FILES: readonly Rlimit[] = [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 }];

const MODULES_AND_KEXEC = ['create_module', 'delete_module', 'kexec_load'] as const;

const INSTALLING = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
] as const;

/**
 * Security profiles by name. `high` is for a service that only runs; `medium` also lets a package manager work;
 * `low` also permits chroot and the setting of host and domain name. None may make a user namespace.
 */
export const SECURITY_PROFILES = {
  high: {
    capabilities: ['CAP_NET_BIND_SERVICE', 'CAP_KILL', 'CAP_AUDIT_WRITE'],
    rlimits: OPEN_FILES,
    seccomp: {
      syscalls: [
        ...denied('capset', 'unshare', 'setns', 'mount', 'umount2', ...MODULES_AND_KEXEC),
        ...denied('chmod', 'chown', 'link', 'linkat', 'unlink', 'unlinkat', 'chroot', 'setdomainname', 'sethostname'),
        ...NO_USER_NAMESPACE,
      ],
    },
  },
  medium: {
    capabilities: INSTALLING,
    rlimits: OPEN_FILES,
    seccomp: {
      syscalls: [
        ...denied('unshare', 'setns', 'mount', 'umount2', 'chroot', ...MODULES_AND_KEXEC),
        ...denied('setdomainname', 'sethostname'),
        ...NO_USER_NAMESPACE,
      ],
    },
  },
  low: {
    capabilities: [...INSTALLING, 'CAP_SYS_CHROOT'],
    rlimits: OPEN_FILES,
    seccomp: {
      syscalls: [...denied('unshare', 'setns', 'mount', 'umount2', ...MODULES_AND_KEXEC), ...NO_USER_NAMESPACE],
    },
  },
} as const satisfies Record<string, SecurityProfile>;

/** Name of a security profile: `high`, `medium` or `low`. */
export type SecurityProfileName = keyof typeof SECURITY_PROFILES;

/** The configuration with capabilities, resource limits and system call filter of the profile. */
export function withSecurityProfile(config: Config, name: SecurityProfileName): Config {
  return { ...config, ...SECURITY_PROFILES[name] };
}

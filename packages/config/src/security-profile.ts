import type { Config } from './config.ts';
import type { Rlimit } from './rlimit.ts';
import type { SeccompProfileName } from './seccomp.ts';

/** What a security profile replaces in a configuration. Labels and the AppArmor profile are left as they are. */
export interface SecurityProfile {
  readonly capabilities: readonly string[];
  readonly rlimits: readonly Rlimit[];
  /** The filter of the same name. */
  readonly seccomp: SeccompProfileName;
}

const OPEN_FILES: readonly Rlimit[] = [{ type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 }];

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
    seccomp: 'high',
  },
  medium: {
    capabilities: INSTALLING,
    rlimits: OPEN_FILES,
    seccomp: 'medium',
  },
  low: {
    capabilities: [...INSTALLING, 'CAP_SYS_CHROOT'],
    rlimits: OPEN_FILES,
    seccomp: 'low',
  },
} as const satisfies Record<string, SecurityProfile>;

/** Name of a security profile: `high`, `medium` or `low`. */
export type SecurityProfileName = keyof typeof SECURITY_PROFILES;

/** The configuration with capabilities, resource limits and system call filter of the profile. */
export function withSecurityProfile(config: Config, name: SecurityProfileName): Config {
  return { ...config, ...SECURITY_PROFILES[name] };
}

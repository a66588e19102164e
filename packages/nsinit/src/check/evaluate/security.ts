import { ABI_KERNELS, NEWEST_ABI } from '@nsinit/landlock';
import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, limited, missing } = findingsOf('security');

/** Filters of system calls, and security modules. */
export function evaluateSecurity(facts: Facts): readonly Finding[] {
  return [seccomp(facts.seccompActions), modules(facts), appArmor(facts), seLinux(facts), landlock(facts)];
}

function seccomp(actions: readonly string[] | undefined): Finding {
  if (actions === undefined)
    return missing('seccomp', 'the kernel has no system call filters', 'use a kernel with CONFIG_SECCOMP_FILTER');
  if (!actions.includes('user_notif'))
    return limited('seccomp', `filters cannot ask a supervisor; actions are ${actions.join(' ')}`);
  return ok('seccomp', `filters with ${actions.join(' ')}`);
}

function modules({ securityModules }: Facts): Finding {
  if (securityModules !== undefined) return ok('modules', securityModules.join(', ') || 'none');
  return limited(
    'modules',
    '/sys/kernel/security/lsm cannot be read, so that security modules are not known',
    'mount -t securityfs securityfs /sys/kernel/security',
  );
}

function appArmor({ appArmor: { enabled, reason } }: Facts): Finding {
  if (enabled) return ok('apparmor', 'profiles can be used');
  return limited(
    'apparmor',
    `apparmor_profile has to stay empty: ${reason}`,
    'on a kernel that has it, boot with apparmor=1 security=apparmor',
  );
}

function seLinux({ seLinux: { enabled, reason } }: Facts): Finding {
  if (enabled) return ok('selinux', 'labels can be used');
  return limited(
    'selinux',
    `process_label and mount_label have to stay empty: ${reason}`,
    'on a kernel that has it, boot with selinux=1 security=selinux',
  );
}

function landlock({ landlock: { abi, reason = 'there is none' } }: Facts): Finding {
  if (abi === 0)
    return limited(
      'landlock',
      `the section landlock cannot be enforced: ${reason}`,
      'set its mode to best_effort, or leave it out',
    );
  if (abi >= NEWEST_ABI) return ok('landlock', `version ${abi}`);
  return limited(
    'landlock',
    `version ${abi}: newer ones can withhold more`,
    `use Linux ${ABI_KERNELS[NEWEST_ABI - 1]}, or in the section landlock the mode best_effort`,
  );
}

import { errnoAction } from '../model/action.ts';
import type { Filter, Rule } from '../model/filter.ts';

/** CLONE_NEWUSER of linux/sched.h. */
const NEW_USER = 0x10000000;

const denied = errnoAction(1);

/** A filter cannot see the flags of clone3, which are in memory; C libraries fall back to clone on ENOSYS. */
const noUserNamespace: readonly Rule[] = [
  { syscalls: ['clone'], action: denied, when: [[{ index: 0, op: 'MASKED_EQ', mask: NEW_USER, value: NEW_USER }]] },
  { syscalls: ['clone3'], action: errnoAction(38) },
];

const always = ['unshare', 'setns', 'mount', 'umount2', 'create_module', 'delete_module', 'kexec_load'] as const;
const names = ['chroot', 'setdomainname', 'sethostname'] as const;
const files = ['chmod', 'chown', 'link', 'linkat', 'unlink', 'unlinkat'] as const;

const level = (...syscalls: readonly string[]): Filter => ({
  defaultAction: { kind: 'ALLOW' },
  architectures: ['x86', 'x32', 'arm'],
  rules: [{ syscalls, action: denied }, ...noUserNamespace],
});

/**
 * Filters that allow what they do not name, by strictness. `high` is for a service that only runs: it cannot change
 * owners and modes by chmod(2) and chown(2), nor names of files. `medium` also lets a package manager work; `low` also
 * permits chroot and the setting of host and domain name. None lets a user namespace be made.
 */
export const LEVELS = {
  high: level(...always, ...names, ...files, 'capset'),
  medium: level(...always, ...names),
  low: level(...always),
} as const satisfies Readonly<Record<string, Filter>>;

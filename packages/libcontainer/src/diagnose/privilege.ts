import { type CapabilityName, capabilityMask } from '@nsinit/capabilities';
import { errnoMessage } from '@nsinit/syscall';
import type { Explanation, Failure } from './failure.ts';
import { readText } from './host.ts';

/**
 * Why a privileged call was refused, from the likeliest cause to what remains: no capability, a user namespace, a seccomp
 * filter around this process, a security module.
 *
 * @param inUserNamespace what the kernel refuses in a user namespace even with the capability; undefined: nothing
 */
export function whyRefused(failure: Failure, capability: CapabilityName, inUserNamespace?: Explanation): Explanation {
  const { actor } = failure;
  if (!has(failure, capability))
    return {
      cause: `it needs ${capability}, which the process does not have`,
      hint: actor.inUserNamespace
        ? 'map user 0 of the user namespace: its root has every capability there'
        : `run as root, or use a user namespace; inside another container add ${capability} to it`,
    };
  if (inUserNamespace && actor.inUserNamespace) return inUserNamespace;
  return whyConfined(failure);
}

/** What refuses a call that capabilities allow: a seccomp filter around this process, or a security module. */
export function whyConfined({ actor, op, error, context }: Failure): Explanation {
  const words = errnoMessage(error.errno);
  if (actor.filtered)
    return {
      cause: `${words}, perhaps by the seccomp filter that this process runs under`,
      hint: `allow ${op} in the profile of the container around this one`,
    };
  const module = securityModule(context.pid ?? 'self');
  return { cause: `${words}${module ? `, perhaps by ${module.name}` : ''}`, hint: module?.hint };
}

/** Whether the process that made the step has a capability. */
export function has({ actor }: Failure, capability: CapabilityName): boolean {
  return (actor.effective & capabilityMask([capability])) !== 0n;
}

/** A security module that judges a process. */
export interface SecurityModule {
  /** With the process's label: `AppArmor profile docker-default (enforce)`. */
  readonly name: string;
  readonly hint: string;
}

/** The security module that may have refused something to a process; undefined when none confines it. lsm(7) */
export function securityModule(pid: number | 'self'): SecurityModule | undefined {
  const label = readText(`/proc/${pid}/attr/current`)?.replaceAll('\0', '');
  const active = readText('/sys/kernel/security/lsm') ?? '';
  return describeModule(label, active, readText('/sys/fs/selinux/enforce'));
}

/** {@link securityModule} from what the kernel's files say. */
export function describeModule(
  label: string | undefined,
  active: string,
  selinuxEnforce: string | undefined,
): SecurityModule | undefined {
  if (selinuxEnforce === '1')
    return {
      name: `SELinux${label ? ` (label ${label})` : ''}`,
      hint: 'look for "avc: denied" in the audit log (ausearch -m avc -ts recent), and at the labels: ls -Z',
    };
  if (label && label !== 'unconfined' && /\((?:enforce|kill|prompt)\)$/.test(label))
    return {
      name: `AppArmor profile ${label}`,
      hint: 'look for apparmor="DENIED" in the kernel log (dmesg), and allow it in the profile',
    };
  const others = active.split(',').filter((name) => ['smack', 'tomoyo', 'bpf'].includes(name));
  if (others.length === 0) return undefined;
  return { name: `a security module (${others.join(', ')})`, hint: 'look for the denial in the kernel log (dmesg)' };
}

import { existsSync } from 'node:fs';
import { namespaceKinds, namespacePath } from '@nsinit/namespaces';
import { errnoMessage } from '@nsinit/syscall';
import type { Explanation, Failure, Rule } from './failure.ts';
import { readText, sysctl } from './host.ts';
import { kindsIn, type NamespaceLimit, namespaceLimits } from './namespace-limits.ts';
import { has, whyConfined, whyRefused } from './privilege.ts';
import { whyNoProcess } from './process-limit.ts';
import { readMounts } from './view.ts';

/** Failures of making namespaces, and the process in them. */
export const namespaceCreateRules: readonly Rule[] = [
  { ops: ['clone3', 'unshare'], errnos: ['ENOSPC', 'EUSERS'], explain: explainExhausted },
  { ops: ['clone3', 'unshare'], errnos: ['EPERM'], explain: explainRefused },
  { ops: ['clone3', 'unshare'], errnos: ['EINVAL'], explain: explainUnknownKind },
  { ops: ['clone3'], errnos: ['EAGAIN'], explain: whyNoProcess },
  { ops: ['clone3'], errnos: ['ENOMEM'], explain: explainNoMemory },
  {
    ops: ['clone3'],
    errnos: ['ENOSYS'],
    explain: () => ({
      cause: 'the kernel is older than 5.3, or a seccomp filter around this process hides clone3',
      hint: 'allow clone3 in the seccomp profile of the container around this one',
    }),
  },
];

/** pid and user namespaces can be nested this deep. pid_namespaces(7), user_namespaces(7) */
const deepest = 32;

function explainExhausted({ error, errno }: Failure): Explanation | undefined {
  if (errno === 'EUSERS') return { cause: `user namespaces can be nested ${deepest} deep at most` };
  const depth = /^NSpid:\s*(.*)$/m.exec(readText('/proc/self/status') ?? '')?.[1]?.split(/\s+/).length ?? 1;
  return describeExhaustion(namespaceLimits(kindsIn(error.step.text)), depth);
}

/**
 * Which limit of namespaces is spent.
 *
 * @param limits those of the kinds that were to be made
 * @param depth how many pid namespaces this process is in
 */
export function describeExhaustion(limits: readonly NamespaceLimit[], depth: number): Explanation | undefined {
  const spent = limits.find(({ limit, used }) => limit <= used);
  if (spent) {
    const { name, path, limit, used } = spent;
    return {
      cause: `${name} is ${limit}: ${limit === 0 ? 'no such namespace is allowed' : `${used} exist`}`,
      path,
      hint: `raise it: sysctl -w ${name}=${Math.max(1024, limit * 2)}`,
    };
  }
  if (depth >= deepest && limits.some(({ kind }) => kind === 'NEWPID'))
    return { cause: `pid namespaces can be nested ${deepest} deep at most` };
  if (limits.length === 0) return undefined;
  return {
    cause: `too many namespaces of one kind: ${limits.map(({ name, limit }) => `${name} is ${limit}`).join(', ')}`,
    hint: 'the limits count for each user, and in each user namespace above this one',
  };
}

/** What distributions add to keep users without privileges from making user namespaces. */
const switches = [
  {
    name: 'kernel.unprivileged_userns_clone',
    refuses: '0',
    hint: 'as root: sysctl -w kernel.unprivileged_userns_clone=1',
  },
  {
    name: 'kernel.apparmor_restrict_unprivileged_userns',
    refuses: '1',
    hint: 'give the program an AppArmor profile with the rule "userns,", or as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
  },
] as const;

function explainRefused(failure: Failure): Explanation {
  if (!kindsIn(failure.error.step.text).includes('NEWUSER')) return whyRefused(failure, 'CAP_SYS_ADMIN');
  if (!readMounts('self').some(({ mountPoint }) => mountPoint === '/'))
    return {
      cause: 'this process runs in a chroot, where no user namespace can be made',
      hint: 'enter the directory with pivot_root(2) in a mount namespace in place of chroot(2)',
    };
  if (!has(failure, 'CAP_SYS_ADMIN'))
    for (const { name, refuses, hint } of switches) {
      const path = name.replaceAll('.', '/');
      if (sysctl(path) === refuses)
        return { cause: `user namespaces are for root only: ${name} is ${refuses}`, path: `/proc/sys/${path}`, hint };
    }
  if (readText('/proc/self/uid_map') === '' || readText('/proc/self/gid_map') === '')
    return {
      cause: 'this process is in a user namespace that has no maps, where no other can be made',
      path: '/proc/self/uid_map',
      hint: 'have the maps written first: unshare --map-root-user, say',
    };
  return whyConfined(failure);
}

function explainUnknownKind({ error }: Failure): Explanation | undefined {
  const absent = kindsIn(error.step.text).filter((kind) => !existsSync(namespacePath('self', kind)));
  if (absent.length === 0) return undefined;
  const names = absent.map((kind) => namespaceKinds[kind].file).join(' and ');
  return {
    cause: `this kernel has no ${names} namespaces`,
    hint: `leave ${absent.join(' and ')} out of the namespaces`,
  };
}

function explainNoMemory({ error }: Failure): Explanation {
  return {
    cause: `${errnoMessage(error.errno)}: memory is short, or the pid namespace to start in has lost its first process`,
    hint: 'when a container is joined, look whether it still runs',
  };
}

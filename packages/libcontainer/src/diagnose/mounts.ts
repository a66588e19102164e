import { errnoMessage } from '@nsinit/syscall';
import { binds } from './binds.ts';
import { stringArgument } from './call-text.ts';
import type { Explanation, Failure, Rule } from './failure.ts';
import { readText, sysctl } from './host.ts';
import { whyRefused } from './privilege.ts';
import { readMounts } from './view.ts';

const mountField = /^mounts\[\d+\]$/;
const creating = ['fsopen', 'fsconfig', 'fsmount', 'mount'] as const;

/** Failures of mounts of new file systems, and what all mounts have in common. */
export const mountRules: readonly Rule[] = [
  ...binds,
  { ops: ['fsopen', 'mount'], errnos: ['ENODEV'], explain: explainUnknownFilesystem },
  { ops: ['fsopen', 'fsconfig'], errnos: ['EPERM'], explain: explainFilesystemRefused },
  { ops: ['fsmount'], errnos: ['EPERM'], explain: explainHidden },
  { ops: ['fsconfig'], explain: explainOption },
  { ops: ['mount_setattr'], errnos: ['EPERM'], explain: explainLocked },
  {
    ops: ['move_mount', 'open_tree', ...creating],
    errnos: ['EPERM'],
    explain: (failure) => whyRefused(failure, 'CAP_SYS_ADMIN'),
  },
  { ops: ['move_mount', 'mount', 'open_tree'], errnos: ['ENOSPC'], explain: explainMountLimit },
  { field: mountField, ops: ['move_mount'], errnos: ['EINVAL', 'ELOOP'], explain: explainAttach },
];

/** The file system of a mount, from what the step is for. */
function typeOf({ what }: Failure): string {
  return /^mount (\S+) on /.exec(what)?.[1] ?? 'this file system';
}

function explainUnknownFilesystem(failure: Failure): Explanation {
  const type = (failure.op === 'fsopen' ? failure.string(0) : failure.string(2)) ?? typeOf(failure);
  const known = (readText('/proc/filesystems') ?? '')
    .split('\n')
    .some((line) => line.trim().split(/\s+/).at(-1) === type);
  if (known) return { cause: `${type}: ${errnoMessage(failure.error.errno)}` };
  return {
    cause: `the kernel has no file system ${type}`,
    hint: `load its module (modprobe ${type}), or correct the name: /proc/filesystems lists what there is`,
  };
}

/** The kernel's own sentence without its level: `e tmpfs: Bad value for 'size'`. fsopen(2) */
function kernelWords({ error }: Failure): string {
  return error.detail
    .split('\n')
    .map((line) => line.replace(/^[ewi] /, '').trim())
    .filter(Boolean)
    .join('; ');
}

function explainOption(failure: Failure): Explanation | undefined {
  const [, cmd, keyText, valueText] = failure.args;
  const key = stringArgument(keyText);
  const value = stringArgument(valueText);
  const kernel = kernelWords(failure) || errnoMessage(failure.error.errno);
  if (key !== undefined) {
    const option = value === undefined ? key : `${key}=${value}`;
    return { cause: `option ${option} is refused: ${kernel}`, hint: 'correct or leave out the option in data' };
  }
  return cmd === 'FSCONFIG_CMD_CREATE' ? { cause: kernel } : undefined;
}

function explainFilesystemRefused(failure: Failure): Explanation | undefined {
  const type = typeOf(failure);
  return whyRefused(failure, 'CAP_SYS_ADMIN', {
    cause: `${type} may not be mounted in this user namespace: ${kernelWords(failure) || 'it belongs to a namespace of the host'}`,
    hint: namespaceHint(type),
  });
}

/** Some file systems show a namespace, and only who owns that may mount them. */
function namespaceHint(type: string): string {
  const owner = { proc: 'NEWPID', sysfs: 'NEWNET', mqueue: 'NEWIPC', cgroup2: 'NEWCGROUP', cgroup: 'NEWCGROUP' }[type];
  return owner ? `add ${owner} to the namespaces, or bind the host's` : 'bind a directory of the host instead';
}

/** mount_too_revealing of fs/namespace.c: what the host hides below its own proc or sysfs must stay hidden. */
function explainHidden(failure: Failure): Explanation {
  const type = typeOf(failure);
  const hidden = readMounts(failure.context.pid ?? 'self').find(
    ({ mountPoint }) =>
      mountPoint.startsWith(type === 'sysfs' ? '/sys/' : '/proc/') && !mountPoint.includes('binfmt_misc'),
  );
  return whyRefused(failure, 'CAP_SYS_ADMIN', {
    cause: hidden
      ? `a new ${type} would show what is hidden outside, at ${hidden.mountPoint}`
      : `no ${type} without hidden parts is visible outside, so that a new one may not be mounted`,
    path: hidden?.mountPoint,
    hint: `bind the ${type} from outside instead, or start from where nothing is mounted over it`,
  });
}

function explainLocked(failure: Failure): Explanation {
  return whyRefused(failure, 'CAP_SYS_ADMIN', {
    cause:
      'the mount comes from outside of the user namespace, which has locked its options (ro, nosuid, nodev, noexec, atime)',
    hint: 'ask for the options that the source has already: findmnt -o OPTIONS -T SOURCE',
  });
}

function explainMountLimit({ context }: Failure): Explanation {
  const count = readMounts(context.pid ?? 'self').length;
  return {
    cause: `the mount namespace may have fs.mount-max (${sysctl('fs/mount-max')}) mounts, and has ${count}`,
    path: '/proc/sys/fs/mount-max',
    hint: 'sysctl -w fs.mount-max=N, or bind without submounts (no MS_REC)',
  };
}

function explainAttach(failure: Failure): Explanation | undefined {
  if (failure.errno === 'ELOOP')
    return { cause: 'the source holds the place that it would be mounted on, with what is mounted there' };
  return {
    cause:
      'the mount may not be moved there: the source or what it lies in is shared, or the place is no part of this mount namespace',
  };
}

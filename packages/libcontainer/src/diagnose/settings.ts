import { sysctlPath } from '@nsinit/mount';
import type { Explanation, Failure, Rule } from './failure.ts';
import { sysctl } from './host.ts';
import { whyRefused } from './privilege.ts';
import { openContainerView } from './view.ts';
import { faultOnTheWay } from './way.ts';

/** Failures of names, sysctls, the working directory, the terminal and interfaces. */
export const settingRules: readonly Rule[] = [
  { ops: ['sethostname', 'setdomainname'], explain: explainName },
  { field: /^systemProperties/, explain: explainSysctl },
  { field: /^(?:process\.)?cwd$/, explain: explainWorkingDirectory },
  { field: /^networks/, errnos: ['EPERM'], explain: (failure) => whyRefused(failure, 'CAP_NET_ADMIN') },
  {
    ops: ['openat2'],
    errnos: ['ENOSPC'],
    explain: ({ what }) =>
      /terminal/.test(what)
        ? {
            cause: `no more terminals are possible: kernel.pty.max is ${sysctl('kernel/pty/max')}`,
            hint: 'sysctl -w kernel.pty.max=N',
          }
        : undefined,
  },
  {
    ops: ['openat2'],
    errnos: ['ENOENT', 'ENOTDIR'],
    explain: (failure) =>
      /terminal/.test(failure.what) && failure.string(1)?.startsWith('/dev/pts')
        ? { cause: 'the container has no /dev/pts', path: '/dev/pts', hint: 'add a devpts mount on /dev/pts' }
        : undefined,
  },
];

/** __NEW_UTS_LEN of linux/utsname.h */
const longestName = 64;

function explainName(failure: Failure): Explanation | undefined {
  const bytes = Buffer.byteLength(failure.string(0) ?? '');
  if (failure.errno === 'EINVAL' && bytes > longestName)
    return { cause: `the name has ${bytes} bytes, ${longestName} are possible` };
  if (failure.errno !== 'EPERM') return undefined;
  return whyRefused(failure, 'CAP_SYS_ADMIN', {
    cause: 'the host name belongs to another user namespace',
    hint: 'add NEWUTS to the namespaces, so that the container has a name of its own',
  });
}

function explainSysctl(failure: Failure): Explanation | undefined {
  const name = /^systemProperties\["(.+)"\]$/.exec(failure.field)?.[1] ?? failure.field;
  const file = `/proc/sys/${sysctlPath(name)}`;
  if (failure.op === 'openat2')
    switch (failure.errno) {
      case 'ENOENT':
      case 'ENOTDIR':
        return {
          cause: `there is no sysctl ${name} in this kernel and the namespaces of the container`,
          path: file,
          hint: 'correct the name, load the module that it belongs to, or add the namespace (NEWNET for net., NEWIPC for kernel.shm and fs.mqueue)',
        };
      case 'EACCES':
      case 'EPERM':
        return {
          cause: `the container may not write sysctl ${name}: it is read-only, or belongs to the host`,
          path: file,
          hint: 'set it on the host, or give the container the namespace that it belongs to',
        };
      case 'EISDIR':
        return { cause: `${name} is a group of sysctls, not one`, path: file };
      case 'ELOOP':
      case 'EXDEV':
        return {
          cause: `${file} is not procfs itself: something is mounted over it or it is a link`,
          path: file,
        };
    }
  if (failure.op !== 'write') return undefined;
  if (failure.errno === 'EINVAL' || failure.errno === 'ERANGE' || failure.errno === 'EOVERFLOW')
    return { cause: `the kernel does not take this value for ${name}`, path: file };
  if (failure.errno !== 'EPERM' && failure.errno !== 'EACCES') return undefined;
  return { cause: `only the host may set ${name}`, path: file, hint: 'set it on the host, or leave it out' };
}

function explainWorkingDirectory(failure: Failure): Explanation | undefined {
  const path = failure.context.cwd ?? '/';
  if (failure.op === 'fail')
    return {
      about: failure.field,
      cause: `the working directory ${path} leads out of the root file system`,
      path,
      hint: 'give a directory inside of it',
    };
  if (failure.errno === 'ELOOP' && /RESOLVE_NO_MAGICLINKS/.test(failure.error.step.text)) {
    const fault = faultAt(failure, path);
    return {
      cause: fault ?? `${path} leads through a link of procfs, which may lead out of the container`,
      path,
      hint: 'give a directory of the container',
    };
  }
  const opened = openContainerView(failure.context);
  if (opened === undefined) return undefined;
  using view = opened;
  // To enter a directory is to search it, as the last dot does.
  const fault = faultOnTheWay(view, `${path}/.`, failure.actor);
  return (
    fault && {
      cause: fault.cause,
      path: fault.path,
      hint: fault.hint ?? 'make the directory in the root file system, or correct cwd',
    }
  );
}

function faultAt(failure: Failure, path: string): string | undefined {
  const opened = openContainerView(failure.context);
  if (opened === undefined) return undefined;
  using view = opened;
  return faultOnTheWay(view, path, failure.actor)?.cause;
}

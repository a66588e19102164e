import { existsSync } from 'node:fs';
import { release, userInfo } from 'node:os';
import { landlockSupport } from '@nsinit/landlock';
import { readMountinfo } from '@nsinit/mount';
import { type Facts, type SysctlName, sysctlNames } from '../facts.ts';
import { idRanges } from './ids.ts';
import { readText, words } from './read.ts';

/** Facts that only have to be read. */
export type FileFacts = Omit<Facts, 'namespaces' | 'criu' | 'newuidmap' | 'newgidmap' | 'executor' | 'start'>;

/** Reads what the kernel and the host's files say of themselves. */
export function collectFiles(): FileFacts {
  const mounts = readMountinfo('self');
  const unified = mounts.find(({ fsType }) => fsType === 'cgroup2');
  const uid = process.getuid!();
  const status = readText('/proc/self/status') ?? '';
  return {
    kernelRelease: release(),
    architecture: process.arch,
    uid,
    capabilities: BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`),
    mounts,
    unifiedControllers: unified && words(readText(`${unified.mountPoint}/cgroup.controllers`)),
    seccompActions: seccompActions(status),
    securityModules: readText('/sys/kernel/security/lsm')?.split(',').filter(Boolean),
    appArmor: readText('/sys/module/apparmor/parameters/enabled') === 'Y',
    seLinux: existsSync('/sys/fs/selinux/enforce'),
    landlock: landlockSupport(),
    filesystems: filesystems(),
    subuids: idRanges(readText('/etc/subuid'), uid, userName()),
    subgids: idRanges(readText('/etc/subgid'), uid, userName()),
    sysctls: Object.fromEntries(sysctlNames.map((name) => [name, sysctl(name)])) as Facts['sysctls'],
    openFiles: openFiles(),
  };
}

function sysctl(name: SysctlName): string | undefined {
  return readText(`/proc/sys/${name.replaceAll('.', '/')}`);
}

/** The list of actions came with Linux 4.14; the line in the status file is older than filters' other traces. */
function seccompActions(status: string): readonly string[] | undefined {
  if (!/^Seccomp:/m.test(status)) return undefined;
  return words(readText('/proc/sys/kernel/seccomp/actions_avail'));
}

/** Those that the kernel has now, and those that it has modules of. */
function filesystems(): ReadonlySet<string> {
  const present = (readText('/proc/filesystems') ?? '').split('\n').flatMap((line) => line.split('\t').slice(-1));
  const modules = readText(`/lib/modules/${release()}/modules.dep`) ?? '';
  const loadable = [...modules.matchAll(/\/fs\/[^:\n]*\/([\w-]+)\.ko[.\w]*:/g)].map(([, name]) => name!);
  return new Set([...present, ...loadable]);
}

function openFiles(): Facts['openFiles'] {
  const [, soft, hard] = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readText('/proc/self/limits') ?? '') ?? [];
  const limit = (text: string | undefined): number | undefined =>
    text === undefined || text === 'unlimited' ? undefined : Number(text);
  return { soft: limit(soft), hard: limit(hard) };
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the passwd file has no name.
    return undefined;
  }
}

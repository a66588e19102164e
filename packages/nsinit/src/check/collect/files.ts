import { release } from 'node:os';
import { landlockSupport } from '@nsinit/landlock';
import { appArmorSupport, selinuxSupport } from '@nsinit/lsm';
import { readMountinfo } from '@nsinit/mount';
import { findHostUser, subordinateRanges } from '@nsinit/namespaces';
import { defaultRoot, forgetDefaultRoot } from '../../run/default-root.ts';
import { type Facts, type SysctlName, sysctlNames } from '../facts.ts';
import { ownCgroup } from './cgroups.ts';
import { readText, words } from './read.ts';

/** Facts that only have to be read. */
export type FileFacts = Omit<
  Facts,
  | 'namespaces'
  | 'pasta'
  | 'slirp4netns'
  | 'tunDevice'
  | 'criu'
  | 'checkpoint'
  | 'newuidmap'
  | 'newgidmap'
  | 'systemd'
  | 'executor'
  | 'start'
>;

/** Reads what the kernel and the host's files say of themselves. */
export function collectFiles(): FileFacts {
  const mounts = readMountinfo('self');
  const unified = mounts.find(({ fsType }) => fsType === 'cgroup2');
  const uid = process.getuid!();
  const user = findHostUser();
  const status = readText('/proc/self/status') ?? '';
  return {
    kernelRelease: release(),
    architecture: process.arch,
    uid,
    userName: user?.name,
    noNewPrivileges: /^NoNewPrivs:\s*1$/m.test(status),
    capabilities: BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`),
    mounts,
    unifiedControllers: unified && words(readText(`${unified.mountPoint}/cgroup.controllers`)),
    ownCgroup: unified && ownCgroup(unified.mountPoint),
    stateRoot: stateRoot(),
    seccompActions: seccompActions(status),
    securityModules: readText('/sys/kernel/security/lsm')?.split(',').filter(Boolean),
    appArmor: appArmorSupport(),
    seLinux: selinuxSupport(),
    landlock: landlockSupport(),
    filesystems: filesystems(),
    subuids: subordinateRanges('uid', { uid, name: user?.name }),
    subgids: subordinateRanges('gid', { uid, name: user?.name }),
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

function stateRoot(): Facts['stateRoot'] {
  try {
    const root = defaultRoot();
    forgetDefaultRoot(root);
    return root;
  } catch (error) {
    return { errno: (error as NodeJS.ErrnoException).code, message: (error as Error).message };
  }
}

import { type Config, findNamespace, hostGid, hostUid } from '@nsinit/config';
import type { ProgramBuilder } from '@nsinit/syscall';

/**
 * Takes the ids of root of the user namespace that the process is in, which has its maps by now: files that it makes need an
 * owner who is mapped.
 */
export function becomeMappedRoot(b: ProgramBuilder): void {
  b.because({ what: 'become root of the user namespace', field: 'uidMappings' }, () => {
    b.call('setresgid', { rgid: 0, egid: 0, sgid: 0 });
    b.call('setresuid', { ruid: 0, euid: 0, suid: 0 });
  });
}

/** Who root of a container's own user namespace is outside, when this process may give files away; undefined: nobody else. */
export function rootOutside(config: Config): { readonly uid: number; readonly gid: number } | undefined {
  const user = findNamespace(config.namespaces, 'NEWUSER');
  if (!user || user.path || process.geteuid!() !== 0) return undefined;
  return { uid: hostUid(config), gid: hostGid(config) };
}

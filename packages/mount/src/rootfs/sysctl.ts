import type { Cell, ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { compileTrustedProc, writeTrustedProc } from './proc.ts';
import type { RootfsConfig } from './types.ts';

/**
 * The path of a sysctl below `/proc/sys`. As in sysctl(8) the first separator decides: with dots, `/` stands for a dot in
 * a name (`net.ipv4.conf.eth0/100.forwarding`); with slashes, dots are themselves.
 *
 * @throws {MountError} for a name with empty parts, `.` or `..`
 */
export function sysctlPath(name: string, field?: string): string {
  const separator = /[./]/.exec(name)?.[0];
  const swapped = name.replace(/[./]/g, (char) => (char === '.' ? '/' : '.'));
  const path = separator === '.' ? swapped : name;
  if (name.includes('\0') || path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw new MountError('ERR_MOUNT_CONFIG', `${JSON.stringify(name)} is not the name of a sysctl`, field);
  return path;
}

/**
 * Writes sysctls of the container's namespaces, in the order of the object's keys.
 *
 * @param proc the procfs that {@link compileMounts} found; undefined: one of its own is made for the writing
 * @throws {MountError} for a name that is none
 */
export function compileSysctls(
  b: ProgramBuilder,
  systemProperties: RootfsConfig['systemProperties'],
  { proc }: { readonly proc?: Cell<'fd'> | undefined } = {},
): void {
  const entries = Object.entries(systemProperties ?? {});
  if (entries.length === 0) return;
  const trusted = proc ?? compileTrustedProc(b);
  for (const [name, value] of entries) {
    const field = `systemProperties[${JSON.stringify(name)}]`;
    const path = sysctlPath(name, field);
    // Writing nothing would leave the old value: an empty one is an empty line.
    b.because({ what: `set ${name} to ${JSON.stringify(value)}`, field }, () =>
      writeTrustedProc(b, trusted, `sys/${path}`, value === '' ? '\n' : value),
    );
  }
  if (proc === undefined) b.call('close', { fd: trusted });
}

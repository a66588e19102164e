import type { Config } from '@nsinit/config';
import { ContainerError } from '../errors.ts';
import type { RestoreOptions } from './options.ts';

/**
 * Makes sure that a restored process has its SELinux label, before it runs: a criu that was built without SELinux, as
 * Debian's, neither saves nor restores it, and does not say so.
 *
 * @param pid the first process.
 * @throws {ContainerError} SystemError when it would be without.
 */
export async function checkProcessLabel(
  { processLabel }: Pick<Config, 'processLabel'>,
  { lsmProfile }: Pick<RestoreOptions, 'lsmProfile'>,
  pid: number,
): Promise<void> {
  const wanted = /^selinux:(.+)$/s.exec(lsmProfile ?? '')?.[1] ?? processLabel;
  if (!wanted) return;
  const lsm = await import('@nsinit/lsm');
  if (!lsm.selinuxSupport().enabled) return;
  const label = lsm.processLabel(pid);
  if (label === wanted) return;
  throw new ContainerError('SystemError', `the restored process has the SELinux label ${label} in place of ${wanted}`, {
    step: 'restore',
    field: 'processLabel',
    hint: 'checkpoint and restore with a criu that was built with SELinux',
  });
}

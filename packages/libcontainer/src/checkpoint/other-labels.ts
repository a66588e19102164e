import { appArmorSupport, checkProfileName, LsmError, parseContext, selinuxSupport } from '@nsinit/lsm';
import { ContainerError } from '../errors.ts';
import type { RestoreOptions } from './options.ts';

/**
 * Refuses another profile or label that cannot be before anything is touched: criu passes over a label of mounts on a host
 * without SELinux.
 *
 * @throws {ContainerError} ConfigInvalid, naming the option.
 */
export function checkOtherLabels({ lsmProfile, lsmMountContext }: RestoreOptions): void {
  if (lsmProfile !== undefined) checkProfile(lsmProfile);
  if (lsmMountContext === undefined) return;
  checked('lsmMountContext', () => parseContext(lsmMountContext));
  used('lsmMountContext', 'SELinux labels', selinuxSupport().reason);
}

function checkProfile(text: string): void {
  const [, kind, name] = /^(apparmor|selinux):(.+)$/s.exec(text) ?? [];
  if (name === undefined)
    throw new ContainerError('ConfigInvalid', `lsmProfile: ${JSON.stringify(text)} names no profile`, {
      step: 'restore',
      field: 'lsmProfile',
      hint: 'write apparmor:NAME or selinux:LABEL',
    });
  if (kind === 'apparmor') {
    checked('lsmProfile', () => checkProfileName(name));
    used('lsmProfile', 'AppArmor profiles', appArmorSupport().reason);
    return;
  }
  checked('lsmProfile', () => parseContext(name));
  used('lsmProfile', 'SELinux labels', selinuxSupport().reason);
}

function checked(field: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof LsmError)) throw error;
    const { hint } = error;
    throw new ContainerError('ConfigInvalid', `${field}: ${error.message}`, {
      step: 'restore',
      field,
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

function used(field: string, what: string, reason: string | undefined): void {
  if (reason === undefined) return;
  throw new ContainerError('ConfigInvalid', `${field}: ${what} cannot be used here: ${reason}`, {
    step: 'restore',
    field,
    hint: `restore without ${field}, or see what nsinit check says`,
  });
}

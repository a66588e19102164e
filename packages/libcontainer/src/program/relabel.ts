import type { Config } from '@nsinit/config';
import { LsmError, relabel, selinuxSupport } from '@nsinit/lsm';
import { ContainerError } from '../errors.ts';

/**
 * Gives the sources of bind mounts the label of the container, where their entry asks for it; nothing without a label, and
 * where SELinux is not in use.
 *
 * @throws {ContainerError} SystemError, naming the entry.
 */
export async function relabelMounts({ mounts = [], mountLabel }: Config): Promise<void> {
  if (!mountLabel || !mounts.some((mount) => mount.relabel) || !selinuxSupport().enabled) return;
  for (const [index, { source, device, relabel: how }] of mounts.entries()) {
    if (!how || device !== 'bind') continue;
    try {
      await relabel(source, mountLabel, how);
    } catch (cause) {
      if (!(cause instanceof LsmError)) throw cause;
      const field = `mounts[${index}].relabel`;
      throw new ContainerError('SystemError', `${field}: ${cause.message}`, { field, path: source, cause });
    }
  }
}

/** The configuration without what {@link relabelMounts} has done already. */
export function withoutRelabel(config: Config): Config {
  if (!config.mounts?.some((mount) => mount.relabel && mount.device === 'bind')) return config;
  return {
    ...config,
    mounts: config.mounts.map((mount) => {
      if (mount.device !== 'bind') return mount;
      const { relabel: _, ...rest } = mount;
      return rest;
    }),
  };
}

/** The label of a terminal. */
export function consoleLabel({ mountLabel }: Config): { readonly mountLabel?: string } {
  return mountLabel ? { mountLabel } : {};
}

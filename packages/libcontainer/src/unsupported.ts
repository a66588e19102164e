import type { Config } from '@nsinit/config';
import { ContainerError } from './errors.ts';

interface Rule {
  /** The field that asks for it. */
  readonly field: string;
  /** What it would need. */
  readonly needs: string;
  readonly asked: (config: Config) => boolean;
}

/** What configurations can ask for and this version does not do. Silence would be a container without its fence. */
const rules: readonly Rule[] = [
  { field: 'cgroups.slice', needs: 'slices of systemd', asked: (config) => Boolean(config.cgroups?.slice) },
  { field: 'seccomp', needs: 'system call filters', asked: (config) => config.seccomp !== undefined },
  { field: 'apparmorProfile', needs: 'AppArmor profiles', asked: (config) => Boolean(config.apparmorProfile) },
  { field: 'processLabel', needs: 'SELinux labels', asked: (config) => Boolean(config.processLabel) },
  { field: 'mountLabel', needs: 'SELinux labels', asked: (config) => Boolean(config.mountLabel) },
  {
    field: 'mounts',
    needs: 'cgroup mounts',
    asked: (config) => (config.mounts ?? []).some((mount) => mount.device === 'cgroup'),
  },
];

/**
 * Refuses a configuration that asks for what this version cannot do.
 *
 * @throws {ContainerError} ConfigInvalid, naming the field.
 */
export function checkSupported(config: Config): void {
  for (const { field, needs, asked } of rules) if (asked(config)) refuse(field, needs);
}

function refuse(field: string, needs: string): never {
  throw new ContainerError('ConfigInvalid', `${field}: ${needs} are not implemented in this version`, {
    field,
    hint: `remove ${field} from the configuration`,
  });
}

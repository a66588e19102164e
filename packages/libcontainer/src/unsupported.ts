import type { Config } from '@nsinit/config';
import { ContainerError } from './errors.ts';

interface Rule {
  /** The field that asks for it. */
  readonly field: string;
  /** What it would need. */
  readonly needs: string;
  readonly asked: (config: Config) => boolean;
}

const cgroupFields = new Set(['name', 'parent', 'allowAllDevices', 'allowedDevices', 'deniedDevices']);

/** What configurations can ask for and this version does not do. Silence would be a container without its fence. */
const rules: readonly Rule[] = [
  {
    field: 'networks',
    needs: 'interfaces other than loopback',
    asked: (config) => (config.networks ?? []).some((network) => network.type !== 'loopback'),
  },
  { field: 'routes', needs: 'routes', asked: (config) => (config.routes ?? []).length > 0 },
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

/** The limits that a cgroup section sets, by name. */
function limitsOf(config: Config): readonly string[] {
  return Object.entries(config.cgroups ?? {})
    .filter(([name, value]) => !cgroupFields.has(name) && isSet(value))
    .map(([name]) => name);
}

function isSet(value: unknown): boolean {
  return (
    value !== undefined && value !== 0 && value !== 0n && value !== '' && !(Array.isArray(value) && value.length === 0)
  );
}

/**
 * Refuses a configuration that asks for what this version cannot do.
 *
 * @returns what is let through although it has no effect yet, a line each.
 * @throws {ContainerError} ConfigInvalid, naming the field.
 */
export function checkSupported(config: Config): readonly string[] {
  for (const limit of limitsOf(config)) refuse(`cgroups.${limit}`, 'resource limits by cgroups');
  for (const { field, needs, asked } of rules) if (asked(config)) refuse(field, needs);
  return config.cgroups
    ? [
        'cgroups are not managed yet: the container stays in the cgroup of its starter, and its device rules have no effect',
      ]
    : [];
}

function refuse(field: string, needs: string): never {
  throw new ContainerError('ConfigInvalid', `${field}: ${needs} are not implemented in this version`, {
    field,
    hint: `remove ${field} from the configuration`,
  });
}

import type { Config } from './config.ts';
import { ConfigError } from './error.ts';
import type { IdMap } from './id-map.ts';
import { containsNamespace } from './namespaces.ts';

type Mapped = Pick<Config, 'namespaces' | 'uidMappings' | 'gidMappings'>;

/** The id outside that belongs to `id` inside, or undefined when the maps leave it out. */
export function mapToHost(mappings: readonly IdMap[], id: number): number | undefined {
  const map = mappings.find(({ containerId, size }) => id >= containerId && id - containerId < size);
  return map && map.hostId + (id - map.containerId);
}

/**
 * User id of the host that is root inside the container: 0 without a user namespace.
 *
 * @throws ConfigError when there are no user mappings, or none for root.
 */
export function hostUid(config: Mapped): number {
  return hostRoot(config, config.uidMappings, 'uid_mappings', 'user');
}

/**
 * Group id of the host that is group 0 inside the container: 0 without a user namespace.
 *
 * @throws ConfigError when there are no group mappings, or none for group 0.
 */
export function hostGid(config: Mapped): number {
  return hostRoot(config, config.gidMappings, 'gid_mappings', 'gid');
}

function hostRoot(config: Mapped, mappings: readonly IdMap[] | undefined, path: string, what: string): number {
  if (!containsNamespace(config.namespaces, 'NEWUSER')) return 0;
  const fail = (text: string): never => {
    throw new ConfigError([{ path, message: `User namespaces enabled, but no ${text} found.` }]);
  };
  if (mappings === undefined) return fail(`${what} mappings`);
  return mapToHost(mappings, 0) ?? fail('root user mapping');
}

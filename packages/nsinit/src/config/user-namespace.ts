import { addNamespace, type Config, type IdMap, removeNamespace } from '@nsinit/config';
import { UsageError } from '../cli/usage-error.ts';

const LAST_ID = 0x7fff_ffff;

/** The maps of `--userns-root-uid`: root is the host's `uid`, and every other id below 2^31 but that one is itself. */
export function rootMaps(uid: number): readonly IdMap[] {
  return [
    { containerId: 0, hostId: uid, size: 1 },
    { containerId: 1, hostId: 1, size: uid - 1 },
    { containerId: uid + 1, hostId: uid + 1, size: LAST_ID - uid },
  ].filter(({ size }) => size > 0);
}

/**
 * Gives the container a user namespace in which root is the host's `uid`, or none for 0. Device nodes get no owner: they are
 * those of the host, bound, as none can be made in a user namespace, and theirs shows as nobody.
 *
 * @throws {UsageError} for a number that is no user id.
 */
export function setRootUid(config: Config, uid: number): Config {
  if (uid < 0 || uid > LAST_ID)
    throw new UsageError(`invalid user id ${uid} for --userns-root-uid`, `it is 0 to ${LAST_ID}`);
  if (uid > 0) {
    const maps = rootMaps(uid);
    return {
      ...config,
      namespaces: addNamespace(config.namespaces, 'NEWUSER'),
      uidMappings: maps,
      gidMappings: maps,
    };
  }
  const { uidMappings: _uids, gidMappings: _gids, ...rest } = config;
  return { ...rest, namespaces: removeNamespace(config.namespaces, 'NEWUSER') };
}

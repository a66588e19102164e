import { existsSync } from 'node:fs';
import { addNamespace, type Config, type Device, findNamespace } from '@nsinit/config';
import { autoMap, IdMapError } from '@nsinit/namespaces';
import { ContainerError } from '../errors.ts';
import { effectiveCapabilities } from './privileges.ts';

/** CAP_SYS_ADMIN, see capabilities(7). */
const sysAdmin = 1n << 21n;

/** Whether this process has not the privilege to make containers without a user namespace. */
export function isRootless(): boolean {
  return (effectiveCapabilities() & sysAdmin) === 0n;
}

/**
 * The configuration with which somebody without privileges can start the container: it gets a user namespace, in which
 * that user is root, with the widest maps that `autoMap` finds. A configuration that has a user namespace stays as it is.
 *
 * Nodes are the host's there, so that /dev/fuse, which the template has, is left out where the host has none.
 *
 * @param user whose ids are mapped, by name or number; undefined: those of the user that this process runs as.
 * @throws {ContainerError} ConfigInvalid for a user that the host does not have, or root without subordinate ids.
 */
export function rootlessConfig(config: Config, user?: string | number): Config {
  if (findNamespace(config.namespaces, 'NEWUSER')) return config;
  return {
    ...config,
    ...(config.devices ? { devices: config.devices.filter(isPossible) } : {}),
    namespaces: addNamespace(config.namespaces, 'NEWUSER'),
    uidMappings: config.uidMappings ?? mapsOf(user).uidMappings,
    gidMappings: config.gidMappings ?? mapsOf(user).gidMappings,
  };
}

const isPossible = ({ path }: Device): boolean => path !== '/dev/fuse' || existsSync(path);

function mapsOf(user: string | number | undefined): ReturnType<typeof autoMap> {
  try {
    return autoMap(user);
  } catch (error) {
    if (!(error instanceof IdMapError)) throw error;
    const { path, hint } = error;
    throw new ContainerError('ConfigInvalid', error.message, {
      field: error.kind === 'gid' ? 'gidMappings' : 'uidMappings',
      ...(path === undefined ? {} : { path }),
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

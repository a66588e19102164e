import { writeFileSync } from 'node:fs';
import { type Config, findNamespace } from '@nsinit/config';
import { formatIdMap } from '@nsinit/namespaces';
import { asContainerError } from './errors.ts';

/**
 * Writes the id maps of a process's new user namespace. user_namespaces(7)
 *
 * @throws {ContainerError} SystemError, naming field and file.
 */
export function writeIdMaps(config: Config, pid: number): void {
  const { uidMappings = [], gidMappings = [], namespaces } = config;
  // A joined user namespace has its maps already.
  const user = findNamespace(namespaces, 'NEWUSER');
  if (!user || user.path) return;
  for (const [file, field, maps] of [
    ['gid_map', 'gidMappings', gidMappings],
    ['uid_map', 'uidMappings', uidMappings],
  ] as const) {
    const path = `/proc/${pid}/${file}`;
    try {
      writeFileSync(path, formatIdMap(maps));
    } catch (error) {
      throw asContainerError(error, `${field}: cannot write ${path}`, { field, path });
    }
  }
}

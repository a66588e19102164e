import { type Config, findNamespace } from '@nsinit/config';
import { IdMapError, writeIdMaps as writeMaps } from '@nsinit/namespaces';
import { ContainerError } from './errors.ts';

/**
 * Writes the id maps of a process's new user namespace; newuidmap(1) and newgidmap(1) do it where this process may not.
 * user_namespaces(7)
 *
 * @throws {ContainerError} SystemError, naming field and file, with the reason and the remedy.
 */
export function writeIdMaps(config: Config, pid: number): void | Promise<void> {
  const { uidMappings = [], gidMappings = [], namespaces } = config;
  // A joined user namespace has its maps already.
  const user = findNamespace(namespaces, 'NEWUSER');
  if (!user || user.path) return;
  try {
    return writeMaps(pid, { uidMappings, gidMappings })?.catch(explain);
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): never {
  if (!(error instanceof IdMapError)) throw error;
  const field = error.kind === 'gid' ? 'gidMappings' : 'uidMappings';
  throw new ContainerError('SystemError', `${field}: ${error.message}`, {
    field,
    step: 'write the id maps of the user namespace',
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.errno === undefined ? {} : { errno: error.errno as `E${number}` }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

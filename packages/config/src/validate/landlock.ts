import type { Config } from '../config.ts';
import {
  LANDLOCK_FILE_GROUPS,
  LANDLOCK_FILE_RIGHTS,
  LANDLOCK_LOG_FLAGS,
  LANDLOCK_MODES,
  LANDLOCK_PORT_RIGHTS,
  LANDLOCK_SCOPES,
} from '../landlock.ts';
import type { Checker } from './checker.ts';

/** The restrictions have known names, say what they allow, and forbid something. */
export function checkLandlock({ landlock }: Config, checker: Checker): void {
  if (!landlock) return;
  const { mode, abi, handledFiles, handledPorts, paths, ports, scopes, log } = landlock;
  if (mode !== undefined) checker.oneOf('landlock.mode', 'mode', mode, LANDLOCK_MODES);
  checker.range('landlock.abi', 'version', abi, 1, 0x7fff_ffff);
  const names = (path: string, given: readonly string[] | undefined, known: readonly string[]) => {
    for (const [index, name] of (given ?? []).entries())
      checker.oneOf(`landlock.${path}[${index}]`, 'name', name, known);
  };
  names('handled_files', handledFiles, LANDLOCK_FILE_RIGHTS);
  names('handled_ports', handledPorts, LANDLOCK_PORT_RIGHTS);
  names('scopes', scopes, LANDLOCK_SCOPES);
  names('log', log, LANDLOCK_LOG_FLAGS);
  const access = (
    path: string,
    given: readonly string[],
    handled: readonly string[] | undefined,
    known: readonly string[],
  ) => {
    if (given.length === 0) checker.add(`landlock.${path}`, 'a right is required');
    names(path, given, known);
    for (const [index, name] of given.entries())
      if (handled && !handled.includes(name) && !isGroup(name))
        checker.add(
          `landlock.${path}[${index}]`,
          `${JSON.stringify(name)} is not handled, so that it is allowed everywhere`,
        );
  };
  for (const [index, rule] of (paths ?? []).entries()) {
    const place = `paths[${index}]`;
    if (rule.paths.length === 0) checker.add(`landlock.${place}.paths`, 'a path is required');
    for (const [position, path] of rule.paths.entries())
      checker.absolute(`landlock.${place}.paths[${position}]`, 'path', path);
    access(`${place}.access`, rule.access, handledFiles, [...LANDLOCK_FILE_RIGHTS, ...LANDLOCK_FILE_GROUPS]);
  }
  for (const [index, rule] of (ports ?? []).entries()) {
    checker.range(`landlock.ports[${index}].port`, 'port', rule.port, 0, 0xffff);
    access(`ports[${index}].access`, rule.access, handledPorts, LANDLOCK_PORT_RIGHTS);
  }
  const forbids = [handledFiles ? handledFiles.length > 0 : paths, handledPorts ? handledPorts.length > 0 : ports];
  if (!forbids.some(Boolean) && !scopes?.length)
    checker.add('landlock', 'it forbids nothing: paths, ports or scopes are required');
}

const isGroup = (name: string): boolean => LANDLOCK_FILE_GROUPS.some((group) => group === name);

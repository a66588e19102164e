import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Network, USER_NETWORK_PROGRAMS } from '@nsinit/config';
import { ContainerError } from '../../errors.ts';
import { isHostsUser } from '../../rootless/privileges.ts';

/** Debian's packages of the programs. */
const packages = { pasta: 'passt', slirp4netns: 'slirp4netns' } as const;

/** A program that makes user networks. */
export type UserNetworkProgram = (typeof USER_NETWORK_PROGRAMS)[number];

const tunDevice = '/dev/net/tun';

/**
 * The program that makes a network, as it is found in PATH.
 *
 * @throws {ContainerError} SystemError where it cannot work, with the remedy. Nothing has been touched then.
 */
export function findProgram(
  { program }: Network,
  field: string,
): { readonly program: UserNetworkProgram; readonly path: string } {
  const facts = { field, step: 'look for the program of the network' };
  if (!isHostsUser())
    throw new ContainerError('SystemError', `a network of the type user is for containers of ordinary users`, {
      ...facts,
      hint: 'root has better ones: the type veth with bridge, create_bridge and masquerade',
    });
  const wanted = program ? [program as UserNetworkProgram] : USER_NETWORK_PROGRAMS;
  for (const one of wanted) {
    const path = lookFor(one);
    if (path === undefined) continue;
    checkDevice(field);
    return { program: one, path };
  }
  const names = wanted.map((one) => packages[one]);
  throw new ContainerError('SystemError', `${wanted.join(' or ')} is not installed`, {
    ...facts,
    errno: 'ENOENT',
    hint: `install the package ${names.join(' or ')}${program ? ', or leave the program out' : ''}`,
  });
}

/** Both make a tap interface, for which they open the device of the host as the user who they are. */
function checkDevice(field: string): void {
  try {
    accessSync(tunDevice, constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ContainerError(
      'SystemError',
      `a network of the type user needs ${tunDevice}, which ${code === 'ENOENT' ? 'does not exist' : 'this user may not open'}`,
      {
        field,
        path: tunDevice,
        errno: code as 'EACCES',
        hint: code === 'ENOENT' ? 'as root: modprobe tun' : `as root: chmod 0666 ${tunDevice}, as it is by default`,
        cause: error,
      },
    );
  }
}

function lookFor(name: string): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir || '.', name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch (error) {
      if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  });
}

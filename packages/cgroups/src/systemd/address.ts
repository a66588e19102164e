import { statSync } from 'node:fs';

/** What the search for a bus looks at. */
export interface BusEnvironment {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** Whether a path is a socket. */
  readonly isSocket: (path: string) => boolean;
}

/** This process's own environment. */
export function busEnvironment(): BusEnvironment {
  return {
    env: process.env,
    uid: process.getuid?.() ?? 0,
    isSocket: (path) => statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false,
  };
}

/** The address of the system bus. */
export function systemBusAddress({ env }: BusEnvironment): string {
  return env['DBUS_SYSTEM_BUS_ADDRESS'] || 'unix:path=/run/dbus/system_bus_socket';
}

/**
 * The address of this user's own bus, on which systemd's user manager is: DBUS_SESSION_BUS_ADDRESS, or the socket in
 * XDG_RUNTIME_DIR, or in its usual place. undefined when there is none.
 */
export function userBusAddress({ env, uid, isSocket }: BusEnvironment): string | undefined {
  const address = env['DBUS_SESSION_BUS_ADDRESS'];
  if (address) return address;
  const directories = [env['XDG_RUNTIME_DIR'], `/run/user/${uid}`];
  const found = directories.find((directory) => directory && isSocket(`${directory}/bus`));
  return found && `unix:path=${found}/bus`;
}

/**
 * The socket's path of an address: the first of its alternatives that has one. undefined for transports other than a
 * socket in the file system.
 */
export function socketPath(address: string): string | undefined {
  for (const alternative of address.split(';')) {
    const [transport, parameters = ''] = alternative.split(/:(.*)/s);
    if (transport !== 'unix') continue;
    const path = parameters.split(',').find((pair) => pair.startsWith('path='));
    if (path)
      return path
        .slice(5)
        .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
  return undefined;
}

import { busEnvironment, systemBusAddress, userBusAddress } from './address.ts';
import { BusError } from './bus.ts';
import { SystemdClient } from './client.ts';
import { connectBus } from './dbus-next.ts';

/** How long a bus may take to answer the first call, in milliseconds. */
const connectMs = 10_000;

/** How long an unused connection is kept, in milliseconds: what follows a start within a moment need not connect again. */
const idleMs = 1000;

const clients = new Map<boolean, SystemdClient>();

/**
 * The client of the system's manager or of this user's, the same for all groups: one connection, made when it is needed and
 * ended when nobody has used it for a while.
 */
export function sharedClient(user: boolean): SystemdClient {
  const client = clients.get(user) ?? new SystemdClient({ connect: () => connect(user), idleMs });
  clients.set(user, client);
  return client;
}

async function connect(user: boolean): ReturnType<typeof connectBus> {
  const environment = busEnvironment();
  const address = user ? userBusAddress(environment) : systemBusAddress(environment);
  if (address === undefined)
    throw new BusError(
      'org.freedesktop.DBus.Error.NoServer',
      'this user has no bus (DBUS_SESSION_BUS_ADDRESS is not set)',
    );
  return await connectBus(address, connectMs);
}

import { type Config, findNamespace } from '@nsinit/config';
import type { Netlink } from '@nsinit/netlink';
import { removeTagged } from './above.ts';
import { talkTo } from './borrowed.ts';
import { releaseBridge } from './bridge.ts';
import { giveBack } from './phys.ts';

/** Kinds of links that are made for a container. */
const madeKinds: ReadonlySet<string> = new Set(['veth', 'macvlan', 'ipvlan']);

/**
 * Removes what was made for a container, and gives back what was borrowed. The kernel would remove the former with the
 * network namespace, but some time after it, and their names would be taken until then; and a namespace that was joined
 * stays.
 */
export async function removeInterfaces(
  { networks = [], namespaces }: Config,
  owner: string,
  host: Netlink,
): Promise<void> {
  const types = new Set(networks.map(({ type }) => type));
  const kinds = new Set([...types].filter((type) => madeKinds.has(type)));
  const joined = findNamespace(namespaces, 'NEWNET')?.path || undefined;
  if (types.has('phys')) giveBack(owner, host, joined);
  removeTagged(host, owner, kinds);
  if (joined !== undefined && (kinds.has('macvlan') || kinds.has('ipvlan'))) {
    using inside = talkTo(joined);
    if (inside) removeTagged(inside, owner, kinds);
  }
  const bridges = new Set(networks.flatMap(({ bridge, createBridge }) => (bridge && createBridge ? [bridge] : [])));
  for (const bridge of bridges) await releaseBridge(bridge, host);
}

import { setTimeout as delay } from 'node:timers/promises';
import { type Config, findNamespace } from '@nsinit/config';
import type { Link, Netlink } from '@nsinit/netlink';
import { talkTo } from './borrowed.ts';
import { releaseBridge } from './bridge.ts';
import { aliasOf } from './owner.ts';
import { giveBack } from './phys.ts';

/**
 * The longest pause, in milliseconds, of those in which a namespace may go that has lost its last process, each twice as long
 * as the one before it. Mostly it takes less than all of them, while to delete a link blocks this thread for some twenty.
 */
const longestPauseMs = 16;

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
  if (joined === undefined) await untilGone(() => tagged(host, owner, kinds));
  removeTagged(host, owner, kinds);
  if (joined !== undefined && (kinds.has('macvlan') || kinds.has('ipvlan'))) {
    using inside = talkTo(joined);
    if (inside) removeTagged(inside, owner, kinds);
  }
  const bridges = new Set(networks.flatMap(({ bridge, createBridge }) => (bridge && createBridge ? [bridge] : [])));
  for (const bridge of bridges) await releaseBridge(bridge, host);
}

/** Waits a while for links to go with their namespace. */
async function untilGone(left: () => readonly Link[]): Promise<void> {
  for (let pause = 1; pause <= longestPauseMs && left().length > 0; pause *= 2) await delay(pause);
}

/** What was made for a container, whatever it is called. */
function tagged(place: Netlink, owner: string, kinds: ReadonlySet<string>): readonly Link[] {
  const ifalias = aliasOf(owner);
  return [...kinds].flatMap((kind) => place.links.list({ kind }).filter((link) => link.ifalias === ifalias));
}

function removeTagged(place: Netlink, owner: string, kinds: ReadonlySet<string>): void {
  for (const { ifindex } of tagged(place, owner, kinds)) {
    try {
      place.links.delete(ifindex);
    } catch (error) {
      // It went by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENODEV') throw error;
    }
  }
}

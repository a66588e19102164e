import type { Network } from '@nsinit/config';
import { type Link, type Netlink, NetlinkError, NetworkNamespace } from '@nsinit/netlink';
import {
  type Borrowed,
  describeBorrowed,
  forgetBorrowed,
  heldNamespace,
  holdNamespace,
  readBorrowed,
  restoreAddresses,
  talkTo,
  writeBorrowed,
} from './borrowed.ts';
import { checkLink } from './link.ts';
import { borrowedAliasOf, nameOf } from './owner.ts';
import { type NetworkPlace, type NetworkStep, words } from './step.ts';

/** The step that moves an interface of the host into the container. */
export function physStep(network: Network & { readonly link: string }, index: number): NetworkStep {
  const { link, mtu, txQueueLen, macAddress } = network;
  const name = nameOf(network);
  return {
    field: `networks[${index}]`,
    what: 'move the interface of the host, with its addresses',
    text: words(
      'ip link set',
      link,
      mtu ? `mtu ${mtu}` : '',
      txQueueLen ? `txqueuelen ${txQueueLen}` : '',
      macAddress && `address ${macAddress}`,
      'netns PID name',
      name,
    ),
    take: (place) => move(network, index, place),
  };
}

/** Everything that is needed to give it back is written down before it is touched. */
function move(network: Network & { readonly link: string }, index: number, place: NetworkPlace): void {
  const { host, inside, pid, owner } = place;
  const { link, mtu, txQueueLen, macAddress } = network;
  const found = checkLink(link, host);
  const borrowed = describeBorrowed(index, found, host);
  const others = readBorrowed(owner);
  writeBorrowed(owner, [...others, borrowed]);
  if (!heldNamespace(owner)) holdNamespace(owner, pid);
  host.links.set(found.ifindex, { ifalias: borrowedAliasOf(owner, index) });
  host.links.set(found.ifindex, { netns: { pid }, ifname: nameOf(network) });
  const { ifindex } = inside.links.get(nameOf(network));
  writeBorrowed(owner, [...others, { ...borrowed, inside: ifindex }]);
  if (mtu || txQueueLen || macAddress)
    inside.links.set(ifindex, {
      ...(mtu ? { mtu } : {}),
      ...(txQueueLen ? { txqlen: txQueueLen } : {}),
      ...(macAddress ? { address: macAddress } : {}),
    });
  restoreAddresses(inside, ifindex, borrowed.addresses);
}

/**
 * Gives the host back what a container had of it: with name, addresses, MTU and state as they were. What the kernel has
 * put back by itself, or was never moved, is found by its alias.
 *
 * @param joined file of the network namespace that the container joined; undefined: it had its own.
 */
export function giveBack(owner: string, host: Netlink, joined: string | undefined): void {
  const borrowed = readBorrowed(owner);
  const held = heldNamespace(owner);
  const file = held ?? joined;
  if (borrowed.length > 0 && file !== undefined) {
    using inside = talkTo(file);
    if (inside) for (const one of borrowed) moveOut(one, owner, inside);
  }
  for (const one of borrowed) restore(one, owner, host);
  if (borrowed.length > 0 || held) forgetBorrowed(owner);
}

/** Moves an interface out of the container's namespace, if it is there, under the name that it had. */
function moveOut(borrowed: Borrowed, owner: string, inside: Netlink): void {
  const link = findInside(borrowed, owner, inside);
  if (!link) return;
  // Processes of the container may have changed it.
  inside.links.set(link.ifindex, { ifalias: borrowedAliasOf(owner, borrowed.index) });
  using netns = NetworkNamespace.current();
  try {
    inside.links.set(link.ifindex, { netns, ifname: borrowed.ifname });
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
    // Somebody has taken its name meanwhile. It comes back under another.
    inside.links.set(link.ifindex, { netns, ifname: 'dev%d' });
  }
}

/** By its index, if it came so far that it has one: an alias can be changed by a process of the container. */
function findInside({ inside: ifindex, index, kind }: Borrowed, owner: string, inside: Netlink): Link | undefined {
  if (ifindex === null) return findByAlias(inside, borrowedAliasOf(owner, index));
  const link = inside.links.find(ifindex);
  // One that it has deleted, and made another in its place, is not ours.
  return link && (link.linkinfo?.info_kind ?? null) === kind ? link : undefined;
}

/** Makes an interface on the host what it was. Its alias comes last: until then it can be found again. */
function restore(borrowed: Borrowed, owner: string, host: Netlink): void {
  const link = findByAlias(host, borrowedAliasOf(owner, borrowed.index));
  if (!link) return;
  const { ifname, up, master, mtu, txqlen, address, addresses, ifalias } = borrowed;
  if (link.ifname !== ifname && !host.links.find(ifname)) host.links.set(link.ifindex, { up: false, ifname });
  host.links.set(link.ifindex, {
    ...(master !== null && host.links.find(master) ? { master } : {}),
    ...(mtu === null || mtu === link.mtu ? {} : { mtu }),
    ...(txqlen === null || txqlen === link.txqlen ? {} : { txqlen }),
    ...(address === null || address === link.address ? {} : { address }),
    up,
  });
  restoreAddresses(host, link.ifindex, addresses);
  host.links.set(link.ifindex, { ifalias });
}

function findByAlias(place: Netlink, ifalias: string): Link | undefined {
  return place.links.list().find((link) => link.ifalias === ifalias);
}

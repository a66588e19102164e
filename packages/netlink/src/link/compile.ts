import { randomBytes } from 'node:crypto';
import { iff } from '../constants/names.ts';
import { nlm } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { inField, NetlinkInputError } from '../errors.ts';
import { type LinkAttributes, type LinkMessage, linkMessage, type WireLinkInfo } from '../messages/link.ts';
import { linkFlagNames } from '../messages/names.ts';
import { borrow, type NamespaceRef } from '../namespace/namespace.ts';
import { checkIndex, type Device, targetFields } from '../session.ts';
import type { Operation, Request } from '../socket/request.ts';
import { flagsOf } from '../wire/names.ts';
import { compileData, compileSlaveData } from './kinds.ts';
import type { KindSettings, LinkChange, LinkSettings, NewLink, VethPeerSettings } from './settings.ts';
import { checkAddress, checkAlias, checkIfname } from './validate.ts';

type Header = Partial<LinkMessage['header']>;
type Resolve = (dev: Device) => number;
type Holds = Disposable[];

/** Bits that a setting turns on; IFF_NOARP is the other way round. */
const flagBits = {
  up: iff.IFF_UP,
  promisc: iff.IFF_PROMISC,
  allmulti: iff.IFF_ALLMULTI,
  multicast: iff.IFF_MULTICAST,
  dynamic: iff.IFF_DYNAMIC,
} as const;

/** Flags and their mask: bits outside of the mask stay as they are. */
function flagFields(settings: LinkSettings): Pick<Header, 'flags' | 'change'> {
  let bits = 0;
  let change = 0;
  const put = (bit: number, on: boolean | undefined): void => {
    if (on === undefined) return;
    change |= bit;
    if (on) bits |= bit;
  };
  for (const [name, bit] of Object.entries(flagBits)) put(bit, settings[name as keyof typeof flagBits]);
  if (settings.arp !== undefined) put(iff.IFF_NOARP, !settings.arp);
  return change === 0 ? {} : { flags: flagsOf(linkFlagNames, bits), change };
}

function namespaceAttribute(
  netns: NamespaceRef | undefined,
  holds: Holds,
): Pick<LinkAttributes, 'net_ns_fd' | 'net_ns_pid'> {
  if (netns === undefined) return {};
  // The kernel looks the process up itself: no permission to read its /proc is needed.
  if ('pid' in netns && !('run' in netns)) return { net_ns_pid: netns.pid };
  const { fd, opened } = borrow(netns);
  if (opened) holds.push(opened);
  return { net_ns_fd: fd };
}

function common(settings: LinkSettings, holds: Holds): LinkAttributes {
  const { ifname, mtu, txqlen, address, broadcast, group, carrier, proto_down } = settings;
  const { gso_max_size, gso_max_segs, inet6_addr_gen_mode } = settings;
  return {
    ...(ifname !== undefined && { ifname: checkIfname(ifname) }),
    ...(mtu !== undefined && { mtu }),
    ...(txqlen !== undefined && { txqlen }),
    ...(address !== undefined && { address: checkAddress(address) }),
    ...(broadcast !== undefined && { broadcast }),
    ...(group !== undefined && { group }),
    ...(carrier !== undefined && { carrier }),
    ...(proto_down !== undefined && { proto_down }),
    ...(gso_max_size !== undefined && { gso_max_size }),
    ...(gso_max_segs !== undefined && { gso_max_segs }),
    ...(inet6_addr_gen_mode !== undefined && { af_spec: { inet6: { addr_gen_mode: inet6_addr_gen_mode } } }),
    ...namespaceAttribute(settings.netns, holds),
  };
}

function masterAttribute(master: Device | null | undefined, resolve: Resolve): Pick<LinkAttributes, 'master'> {
  if (master === undefined) return {};
  return { master: master === null ? 0 : inField('master', () => resolve(master)) };
}

interface Queues {
  readonly num_tx_queues?: number;
  readonly num_rx_queues?: number;
}

function queues({ num_tx_queues, num_rx_queues }: Queues): LinkAttributes {
  return {
    ...(num_tx_queues !== undefined && { num_tx_queues }),
    ...(num_rx_queues !== undefined && { num_rx_queues }),
  };
}

/** What VETH_INFO_PEER has no effect on. */
const NOT_AT_BIRTH = ['up', 'ifalias', 'master', 'promisc', 'allmulti'] as const;

function peerData(peer: VethPeerSettings, holds: Holds): NonNullable<WireLinkInfo['info_data']> {
  for (const field of NOT_AT_BIRTH)
    if ((peer as LinkSettings)[field] !== undefined)
      throw new NetlinkInputError(field, 'cannot be given to the other end when it is made: set it from its namespace');
  const index = peer.ifindex === undefined ? 0 : checkIndex(peer.ifindex, 'ifindex');
  const header = { family: 0, type: 0, index, flags: [], change: 0, ...flagFields(peer) } as const;
  return { peer: { header, attributes: { ...common(peer, holds), ...queues(peer) } } };
}

function kindInfo(link: KindSettings, resolve: Resolve, holds: Holds): WireLinkInfo {
  const { kind } = link;
  if (kind === '') throw new NetlinkInputError('kind', 'the kind of a link is empty');
  if (kind === 'veth') {
    const { peer } = link as { readonly peer?: VethPeerSettings };
    return { info_kind: kind, ...(peer && { info_data: inField('peer', () => peerData(peer, holds)) }) };
  }
  const { data } = link as { readonly data?: Readonly<Record<string, unknown>> | Uint8Array };
  if (data === undefined) return { info_kind: kind };
  if (data instanceof Uint8Array) return { info_kind: kind, info_data: data };
  const info_data = inField('data', () => compileData(kind, data, resolve));
  return { info_kind: kind, info_data: info_data as NonNullable<WireLinkInfo['info_data']> };
}

function request(type: number, flags: number, subject: string, header: Header, attributes: LinkAttributes): Request {
  return { type, flags, subject, payload: encode(header, attributes), layout: linkMessage };
}

/** Where settings are called otherwise than on the wire. */
const settingNames: readonly (readonly [wire: RegExp, setting: string])[] = [
  [/^linkinfo\.info_data\.peer\.attributes\./, 'peer.'],
  [/^linkinfo\.info_data\./, 'data.'],
  [/^linkinfo\.info_slave_data\./, 'bridge_slave.'],
  [/^af_spec\.inet6\.addr_gen_mode$/, 'inet6_addr_gen_mode'],
];

function encode(header: Header, attributes: LinkAttributes): Uint8Array {
  try {
    return linkMessage.encode(header, attributes);
  } catch (error) {
    if (!(error instanceof NetlinkInputError)) throw error;
    const field = settingNames.reduce((name, [wire, setting]) => name.replace(wire, setting), error.field);
    throw new NetlinkInputError(field, error.problem);
  }
}

const CREATE = nlm.NLM_F_CREATE | nlm.NLM_F_EXCL;

/** RTM_NEWLINK for a new link, whose alias the kernel would ignore. */
export function compileAdd(link: NewLink, resolve: Resolve): Operation {
  checkIfname(link.ifname);
  const holds: Holds = [];
  const index = link.ifindex === undefined ? 0 : checkIndex(link.ifindex, 'ifindex');
  const { link: below } = link as { readonly link?: Device };
  const attributes: LinkAttributes = {
    ...common(link, holds),
    ...(below !== undefined && { link: inField('link', () => resolve(below)) }),
    ...masterAttribute(link.master, resolve),
    ...queues(link),
    linkinfo: kindInfo(link, resolve, holds),
  };
  const header = { index, ...flagFields(link) };
  return { requests: [request(rtm.RTM_NEWLINK, CREATE, link.ifname, header, attributes)], holds };
}

/** The two steps in which a link comes to be with an alias. */
export interface TaggedAdd {
  /** The name that it has between the steps. */
  readonly passing: string;
  readonly make: Operation;
  /** Gives it its name, once its index is known. */
  readonly finish: (ifindex: number) => Operation;
}

/**
 * The kernel ignores an alias in the message that makes a link. So the link is made with a name that nobody else has and
 * gets its alias by that name: no other link of the wanted name can be touched, and as both messages are handled within
 * one system call, a link without its alias is never left behind, not even when the process is killed. Then it gets its
 * name, and what needs it to have one.
 */
export function compileTaggedAdd(link: NewLink, ifalias: string, resolve: Resolve): TaggedAdd {
  const { ifname, netns, up: _up, master, ...born } = link;
  checkIfname(ifname);
  checkAlias(ifalias);
  if (netns !== undefined)
    throw new NetlinkInputError(
      'ifalias',
      'cannot be given to a link that is made in another namespace: set it from there',
    );
  if (ifname.includes('%'))
    throw new NetlinkInputError(
      'ifalias',
      'cannot be given to a link whose name the kernel completes: set it afterwards',
    );
  const passing = `nl${randomBytes(6).toString('hex')}`;
  const { requests, holds = [] } = compileAdd({ ...born, ifname: passing } as NewLink, resolve);
  const masterOf = masterAttribute(master, resolve);
  const remove = (index: number, name: LinkAttributes): Request => request(rtm.RTM_DELLINK, 0, ifname, { index }, name);
  return {
    passing,
    make: {
      requests: [
        ...requests.map((made) => ({ ...made, subject: ifname })),
        request(rtm.RTM_NEWLINK, 0, ifname, {}, { ifname: passing, ifalias }),
      ],
      undo: remove(0, { ifname: passing }),
      holds,
    },
    finish: (index) => ({
      requests: [
        request(rtm.RTM_NEWLINK, 0, ifname, { index, ...flagFields({ up: link.up }) }, { ifname, ...masterOf }),
      ],
      undo: remove(index, {}),
    }),
  };
}

/** RTM_NEWLINK for a link that is there. */
export function compileSet(dev: Device, change: LinkChange, resolve: Resolve): Operation {
  const holds: Holds = [];
  // A message with a name and no index means the link of that name: renaming takes the index.
  const { index, name } = change.ifname === undefined ? targetFields(dev) : { index: resolve(dev), name: {} };
  const { kind, data, bridge_slave, new_ifindex, ifalias } = change;
  if (data !== undefined && kind === undefined)
    throw new NetlinkInputError('data', 'needs the kind of the link beside it');
  const attributes: LinkAttributes = {
    ...name,
    ...common(change, holds),
    ...(ifalias !== undefined && { ifalias: checkAlias(ifalias) }),
    ...masterAttribute(change.master, resolve),
    ...(new_ifindex !== undefined && { new_ifindex: checkIndex(new_ifindex, 'new_ifindex') }),
    ...(kind !== undefined && { linkinfo: kindInfo({ kind, data } as KindSettings, resolve, holds) }),
  };
  const subject = String(dev);
  const flags = flagFields(change);
  const set = request(rtm.RTM_NEWLINK, 0, subject, { index, ...flags }, attributes);
  if (!bridge_slave) return { requests: [set], holds };
  const info_slave_data = inField('bridge_slave', () => compileSlaveData('bridge', bridge_slave, resolve));
  const linkinfo = { info_slave_kind: 'bridge', info_slave_data } as WireLinkInfo;
  const port = request(rtm.RTM_NEWLINK, 0, subject, { index }, { ...name, linkinfo });
  // The kernel looks at a port's data before it changes the master: so they come in a message of their own.
  const others = Object.keys(attributes).length > Object.keys(name).length || flags.change !== undefined;
  return { requests: others ? [set, port] : [port], holds };
}

/** RTM_DELLINK. */
export function compileDelete(dev: Device): Operation {
  const { index, name } = targetFields(dev);
  return { requests: [request(rtm.RTM_DELLINK, 0, String(dev), { index }, name)] };
}

/** RTM_DELLINK for all links of a group at once. */
export function compileDeleteGroup(group: number): Operation {
  // Nobody means to delete what never was put into a group: loopback and hardware among it.
  if (!Number.isInteger(group) || group < 1 || group > 0xffff_ffff)
    throw new NetlinkInputError('group', `${group} is not the number of a group, 1 to 4294967295`);
  return { requests: [request(rtm.RTM_DELLINK, 0, `group ${group}`, {}, { group })] };
}

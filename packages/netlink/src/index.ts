/**
 * rtnetlink for Node.js: the interfaces, addresses, routes, rules, neighbours, bridges and queueing disciplines of Linux,
 * read, changed and watched without spawning `ip`, in this network namespace and in others.
 *
 * @packageDocumentation
 */

export {
  type Address,
  type AddressFilter,
  type AddressFlags,
  type AddressSettings,
  FOREVER,
} from './address/address.ts';
export type { AddressChanges, Addresses } from './address/addresses.ts';
export type { Batch, BatchResult } from './batch.ts';
export {
  type ExtendedAck,
  NetlinkDecodeError,
  NetlinkDumpInterruptedError,
  NetlinkError,
  NetlinkInputError,
  NetlinkOverrunError,
} from './errors.ts';
export type {
  BondData,
  BridgeData,
  BridgePortData,
  LinkData,
  LinkSlaveData,
  VlanData,
  VxlanData,
} from './link/kinds.ts';
export { dataOf, type Link, type LinkFlag, type LinkInfo, type LinkStats, portDataOf } from './link/link.ts';
export type { LinkChanges, LinkFilter, Links } from './link/links.ts';
export type { KindSettings, LinkChange, LinkSettings, NewLink, VethPeerSettings } from './link/settings.ts';
export type { TunTapSettings } from './link/tuntap.ts';
export { checkIfname } from './link/validate.ts';
export type { Via } from './messages/route.ts';
export type { EventAction, EventKind, NetlinkEvent } from './monitor/event.ts';
export type { Monitor, MonitorOptions } from './monitor/monitor.ts';
export { NamespaceReturnError } from './namespace/enter.ts';
export { createNamespace, deleteNamespace, listNamespaces } from './namespace/named.ts';
export { type NamespaceRef, NetworkNamespace } from './namespace/namespace.ts';
export type { Fdb, FdbChanges, FdbSettings } from './neighbour/fdb.ts';
export type { FdbEntry, Neighbour } from './neighbour/neighbour.ts';
export type { NeighbourChanges, NeighbourFilter, NeighbourSettings, Neighbours } from './neighbour/neighbours.ts';
export { Netlink, type NetlinkOptions } from './netlink.ts';
export type { FqCodelOptions, HtbOptions, NetemOptions, QdiscOptions, TbfOptions } from './qdisc/options.ts';
export type { Qdisc, QdiscChanges, QdiscPlace, QdiscSettings, Qdiscs } from './qdisc/qdiscs.ts';
export type {
  NextHop,
  NextHopSettings,
  Route,
  RouteFilter,
  RouteMetrics,
  RouteQuery,
  RouteSettings,
} from './route/route.ts';
export type { RouteChanges, Routes } from './route/routes.ts';
export type { Range, Rule, RuleChanges, RuleFields, RuleSettings, Rules } from './rule/rules.ts';
export type { Device } from './session.ts';
export type { IpFamily } from './text/ip.ts';
export { checkMac, randomMac } from './text/mac.ts';
export { type Prefix, parsePrefix } from './text/prefix.ts';
export type { UnknownAttribute } from './wire/attributes.ts';
export type { FlagNames, Named } from './wire/names.ts';

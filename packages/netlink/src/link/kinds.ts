import { brBoolopt } from '../constants/bridge.ts';
import { inField, NetlinkInputError } from '../errors.ts';
import { vlanFlagNames } from '../messages/kinds.ts';
import { type KindData, kindData, type SlaveData, slaveData } from '../messages/link.ts';
import type { Device, LinkNames } from '../session.ts';
import { withUnknown } from '../unknown.ts';
import type { UnknownAttribute } from '../wire/attributes.ts';
import { bitsOf, type FlagNames } from '../wire/names.ts';

type Known<T> = Omit<T, 'unknown'>;

/** The data of a bridge. Delays and times are in hundredths of a second, running timers in seconds. */
export type BridgeData = Omit<Known<KindData['bridge']>, 'multi_boolopt'> & {
  /** Whether frames to link-local addresses (01:80:c2:00:00:0x) teach the bridge nothing. */
  readonly no_linklocal_learn?: 0 | 1;
  /** Whether multicast is snooped per VLAN. */
  readonly mcast_vlan_snooping?: 0 | 1;
};

/** The data of a VLAN. */
export type VlanData = Omit<Known<KindData['vlan']>, 'flags'> & {
  readonly flags?: FlagNames<typeof vlanFlagNames>;
};

/** The data of a VXLAN; `link` is the name of the link that it sends through. */
export type VxlanData = Omit<Known<KindData['vxlan']>, 'link'> & { readonly link?: string };

/** The data of a bond; times are in milliseconds, ports are names. */
export type BondData = Omit<Known<KindData['bond']>, 'active_slave' | 'primary'> & {
  readonly active_slave?: string;
  readonly primary?: string;
};

/** What `info_data` of a link is, by `info_kind`. A veth has none: the other end is a link of its own. */
export interface LinkData {
  readonly bridge: BridgeData;
  readonly bond: BondData;
  readonly ipvlan: Known<KindData['ipvlan']>;
  readonly ipvtap: Known<KindData['ipvtap']>;
  readonly macvlan: Known<KindData['macvlan']>;
  readonly macvtap: Known<KindData['macvtap']>;
  /** `user` and `group` are ids that may use it. Read only. */
  readonly tun: Known<KindData['tun']>;
  readonly vlan: VlanData;
  readonly vrf: Known<KindData['vrf']>;
  readonly vxlan: VxlanData;
}

/** The settings of a port of a bridge; `backup_port` is a name. */
export type BridgePortData = Omit<Known<SlaveData['bridge']>, 'backup_port'> & { readonly backup_port?: string };

/** What `info_slave_data` of a link is, by `info_slave_kind`: the kind of its master. */
export interface LinkSlaveData {
  readonly bridge: BridgePortData;
  readonly vrf: Known<SlaveData['vrf']>;
}

type Fields = Readonly<Record<string, unknown>>;

const bit = (number: number): number => 1 << number;

const booleanOptions = {
  no_linklocal_learn: bit(brBoolopt.BR_BOOLOPT_NO_LL_LEARN),
  mcast_vlan_snooping: bit(brBoolopt.BR_BOOLOPT_MCAST_VLAN_SNOOPING),
} as const;

/** Fields that hold a link: an index on the wire, a name in results, either in settings. */
const deviceFields: ReadonlyMap<string, readonly string[]> = new Map([
  ['vxlan', ['link']],
  ['bond', ['active_slave', 'primary']],
  ['bridge_slave', ['backup_port']],
]);

function withNames(kind: string, wire: Fields, names: LinkNames): Record<string, unknown> {
  const { unknown, ...data }: Record<string, unknown> = wire;
  withUnknown(data, unknown as readonly UnknownAttribute[] | undefined);
  for (const field of deviceFields.get(kind) ?? []) {
    const index = data[field];
    if (index === 0) delete data[field];
    else if (typeof index === 'number') data[field] = names.nameOf(index);
  }
  return data;
}

/** IFLA_INFO_DATA for people. */
export function presentData(kind: string, wire: Fields, names: LinkNames): Fields {
  const data = withNames(kind, wire, names);
  if (kind === 'bridge') {
    const options = data['multi_boolopt'] as { readonly optval: number; readonly optmask: number } | undefined;
    delete data['multi_boolopt'];
    for (const [name, mask] of Object.entries(booleanOptions))
      if (options && options.optmask & mask) data[name] = options.optval & mask ? 1 : 0;
  }
  if (kind === 'vlan' && data['flags'] !== undefined)
    data['flags'] = (data['flags'] as { readonly flags: unknown }).flags;
  return data;
}

/** IFLA_INFO_SLAVE_DATA for people. */
export function presentSlaveData(kind: string, wire: Fields, names: LinkNames): Fields {
  return withNames(`${kind}_slave`, wire, names);
}

const allVlanFlags = Object.keys(vlanFlagNames) as (keyof typeof vlanFlagNames)[];

type Resolve = (dev: Device) => number;

function withIndexes(kind: string, data: Fields, resolve: Resolve): Record<string, unknown> {
  const wire: Record<string, unknown> = { ...data };
  for (const field of deviceFields.get(kind) ?? []) {
    const dev = wire[field];
    if (dev !== undefined && dev !== null) wire[field] = inField(field, () => resolve(dev as Device));
  }
  return wire;
}

/** IFLA_INFO_DATA from settings. */
export function compileData(kind: string, data: Fields, resolve: Resolve): Fields {
  const wire = withIndexes(kind, data, resolve);
  if (kind === 'bridge') compileBooleanOptions(wire);
  if (kind === 'vlan' && wire['flags'] !== undefined) {
    // Flags that are not named are turned off: a VLAN reorders headers by default.
    wire['flags'] = { flags: wire['flags'], mask: bitsOf(vlanFlagNames, allVlanFlags) };
  }
  return checked(kindData, kind, wire);
}

/** IFLA_INFO_SLAVE_DATA from settings. */
export function compileSlaveData(kind: keyof LinkSlaveData, data: Fields, resolve: Resolve): Fields {
  return checked(slaveData, kind, withIndexes(`${kind}_slave`, data, resolve));
}

function compileBooleanOptions(wire: Record<string, unknown>): void {
  let optval = 0;
  let optmask = 0;
  for (const [name, mask] of Object.entries(booleanOptions)) {
    if (wire[name] === undefined) continue;
    optmask |= mask;
    if (wire[name]) optval |= mask;
    delete wire[name];
  }
  if (optmask !== 0) wire['multi_boolopt'] = { optval, optmask };
}

type DataTable = Readonly<Record<string, { readonly table: Readonly<Record<string, unknown>> }>>;

function checked(tables: DataTable, kind: string, wire: Record<string, unknown>): Fields {
  const table = Object.hasOwn(tables, kind) ? tables[kind]!.table : {};
  for (const field of Object.keys(wire)) {
    if (!Object.hasOwn(table, field)) throw new NetlinkInputError(field, `a ${kind} has no such setting`);
  }
  return wire;
}

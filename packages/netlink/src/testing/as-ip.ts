import type { Address } from '../address/address.ts';
import type { Link } from '../link/link.ts';
import type { FdbEntry, Neighbour } from '../neighbour/neighbour.ts';
import type { Route } from '../route/route.ts';
import type { Rule } from '../rule/rules.ts';

// Our results as `ip -d -j` writes the same: names of tables and groups as text, marks in hexadecimal.

type Fields = Record<string, unknown>;

const hex = (value: unknown): string => (value === 0 ? '0' : `0x${Number(value).toString(16)}`);

function defined(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function dataAsIp(data: Fields): Fields {
  const result: Fields = {};
  for (const [name, value] of Object.entries(data)) {
    if (typeof value === 'bigint') result[name] = Number(value);
    else if (name === 'group_fwd_mask') result[name] = hex(value);
    else result[name] = value;
  }
  return result;
}

const kindsAsIp: Readonly<Record<string, (data: Fields) => Fields>> = {
  vxlan: (data) => {
    const {
      group,
      group6,
      local,
      local6,
      ttl_inherit: _inherit,
      tos,
      proxy,
      rsc,
      l2miss,
      l3miss,
      external,
      ...rest
    } = data;
    // Yes is written, no is not; "unset" neither.
    const yes = { proxy, rsc, l2miss, l3miss, external };
    const multicast = (value: unknown): boolean => /^(2[23]\d\.|ff)/.test(String(value));
    const remote = group ?? group6;
    return {
      ...rest,
      ...Object.fromEntries(Object.entries(yes).filter(([, value]) => value === true)),
      ...(remote !== undefined && {
        [`${multicast(remote) ? 'group' : 'remote'}${group6 === undefined ? '' : '6'}`]: remote,
      }),
      ...(local !== undefined && { local }),
      ...(local6 !== undefined && { local6 }),
      ...(tos !== 0 && { tos }),
      ...(data['label'] === 0 && { label: undefined }),
      ...(data['limit'] === 0 && { limit: undefined }),
    };
  },
  ipvlan: ({ flags, ...rest }) => ({ ...rest, [(flags as string[])[0] ?? 'bridge']: true }),
  bond: ({ arp_validate, ...rest }) => ({ ...rest, arp_validate: arp_validate === 'none' ? null : arp_validate }),
  macvlan: ({ macaddr_count: _count, macaddr_mode: _mode, flags: _flags, ...rest }) => rest,
  macvtap: ({ macaddr_count: _count, macaddr_mode: _mode, flags: _flags, ...rest }) => rest,
};

/** A link as `ip -d -j link` has it. */
export function linkAsIp(link: Link): Fields {
  const { carrier: _c, carrier_changes: _n, proto_down, stats64: _s, group, linkinfo, ...rest } = link;
  const info = linkinfo as {
    info_kind?: string;
    info_data?: Fields;
    info_slave_kind?: string;
    info_slave_data?: Fields;
  };
  const { info_kind, info_data, info_slave_kind, info_slave_data } = info ?? {};
  const kindAsIp = kindsAsIp[info_kind ?? ''] ?? ((data: Fields): Fields => data);
  const slave = info_slave_data && {
    ...dataAsIp(info_slave_data),
    ...(info_slave_kind === 'bridge' && {
      id: hex(info_slave_data['id']),
      no: hex(info_slave_data['no']),
      group_fwd_mask_str: `0x${Number(info_slave_data['group_fwd_mask']).toString(16)}`,
    }),
  };
  return defined({
    ...rest,
    ...(proto_down && { proto_down }),
    group: group === 0 ? 'default' : String(group),
    ...(linkinfo && {
      linkinfo: defined({
        info_kind,
        info_data: info_data && defined(kindAsIp(dataAsIp(info_data))),
        info_slave_kind,
        info_slave_data: slave,
      }),
    }),
  });
}

/** An address as `ip -d -j addr` has it in `addr_info`; the protocol is newer than some versions of it. */
export function addressAsIp({ dev: _dev, ifindex: _index, protocol: _protocol, ...rest }: Address): Fields {
  return { ...rest };
}

/** A route as `ip -d -j route show table all` has it. */
export function routeAsIp({ family: _family, table, metrics, tos, ...rest }: Route): Fields {
  return {
    ...rest,
    ...(tos !== undefined && { tos: hex(tos) }),
    table: String(table),
    ...(metrics && { metrics: [metrics] }),
  };
}

/** A rule as `ip -d -j rule` has it. */
export function ruleAsIp({
  family: _family,
  table,
  action,
  fwmark,
  fwmask,
  ipproto,
  sport,
  dport,
  uid_range,
  goto,
  ...rest
}: Rule): Fields {
  const marked = fwmark !== undefined && (fwmark !== 0 || fwmask !== undefined);
  const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp' };
  const ports = (name: string, range: { start: number; end: number } | undefined): Fields =>
    range === undefined
      ? {}
      : range.start === range.end
        ? { [name]: range.start }
        : { [`${name}_start`]: range.start, [`${name}_end`]: range.end };
  return defined({
    ...rest,
    ...(rest.not && { not: null }),
    ...(rest.l3mdev && { l3mdev: null }),
    ...(rest.tos !== undefined && { tos: hex(rest.tos) }),
    ...(marked && { fwmark: hex(fwmark) }),
    ...(marked && fwmask !== undefined && { fwmask: hex(fwmask) }),
    ...(uid_range && { uid_start: uid_range.start, uid_end: uid_range.end }),
    ...(ipproto !== undefined && { ipproto: protocols[ipproto] ?? String(ipproto) }),
    ...ports('sport', sport),
    ...ports('dport', dport),
    ...(table !== undefined && { table: String(table) }),
    ...(goto !== undefined && { goto }),
    ...(action !== 'to_tbl' && action !== 'goto' && { action }),
  });
}

/** A neighbour as `ip -d -j -s neigh` has it. */
export function neighbourAsIp({
  family: _family,
  ifindex: _index,
  router,
  proxy,
  extern_learn,
  ...rest
}: Neighbour): Fields {
  return {
    ...rest,
    ...(router && { router: null }),
    ...(proxy && { proxy: null }),
    ...(extern_learn && { extern_learn: null }),
  };
}

/** An entry as `bridge -d -j fdb` has it. */
export function fdbAsBridge({ ifindex: _index, used: _used, updated: _updated, ...rest }: FdbEntry): Fields {
  return { ...rest };
}

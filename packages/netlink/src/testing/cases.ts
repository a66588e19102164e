import type { Netlink } from '../netlink.ts';

/** The same change in this library's words and in iproute2's. */
export interface Case {
  readonly name: string;
  readonly ours: (nl: Netlink) => void;
  /** Lines of `ip -batch`; those of `bridge` and `tc` begin with that word. */
  readonly ip: readonly string[];
  /** The kind of links that the kernel must have for it. */
  readonly kind?: string;
}

const pair = 'link add v0 address 02:00:00:00:01:00 type veth peer name v1 address 02:00:00:00:01:01';

const makePair = (nl: Netlink): void =>
  nl.links.add({
    kind: 'veth',
    ifname: 'v0',
    address: '02:00:00:00:01:00',
    peer: { ifname: 'v1', address: '02:00:00:00:01:01' },
  });

/** A pair that is up, whose end v0 has addresses; without duplicate detection, so that nothing is on its way. */
const wired = [
  'link set lo up',
  pair,
  'link set v0 addrgenmode none',
  'link set v1 addrgenmode none',
  'link set v0 up',
  'link set v1 up',
  'addr add 10.0.0.1/24 dev v0',
  'addr add fd00::1/64 dev v0 nodad',
];

const wire = (nl: Netlink): void => {
  nl.links.set('lo', { up: true });
  makePair(nl);
  for (const dev of ['v0', 'v1']) nl.links.set(dev, { inet6_addr_gen_mode: 'none' });
  for (const dev of ['v0', 'v1']) nl.links.set(dev, { up: true });
  nl.addresses.add({ dev: 'v0', local: '10.0.0.1/24' });
  nl.addresses.add({ dev: 'v0', local: 'fd00::1/64', nodad: true });
};

const withPair = (name: string, ours: (nl: Netlink) => void, ...ip: readonly string[]): Case => ({
  name,
  ours: (nl) => {
    makePair(nl);
    ours(nl);
  },
  ip: [pair, ...ip],
});

const withWire = (name: string, ours: (nl: Netlink) => void, ...ip: readonly string[]): Case => ({
  name,
  ours: (nl) => {
    wire(nl);
    ours(nl);
  },
  ip: [...wired, ...ip],
});

const bridge = 'link add br0 address 02:00:00:00:02:00 type bridge';
const BRIDGE = { kind: 'bridge', ifname: 'br0', address: '02:00:00:00:02:00' } as const;

const links: readonly Case[] = [
  { name: 'a bridge', ours: (nl) => nl.links.add(BRIDGE), ip: [bridge] },
  {
    name: 'a bridge with its data',
    ours: (nl) =>
      nl.links.add({
        ...BRIDGE,
        data: { stp_state: 1, forward_delay: 400, hello_time: 100, max_age: 700, ageing_time: 1000, priority: 4096 },
      }),
    ip: [`${bridge} stp_state 1 forward_delay 400 hello_time 100 max_age 700 ageing_time 1000 priority 4096`],
  },
  {
    name: 'a bridge with options of one bit and masks',
    ours: (nl) => nl.links.add({ ...BRIDGE, data: { no_linklocal_learn: 1, group_fwd_mask: 8, mcast_snooping: 0 } }),
    ip: [`${bridge} no_linklocal_learn 1 group_fwd_mask 8 mcast_snooping 0`],
  },
  {
    name: 'a bridge whose data change',
    ours: (nl) => {
      nl.links.add(BRIDGE);
      nl.links.set('br0', { kind: 'bridge', data: { stp_state: 1, mcast_hash_max: 512, mcast_querier_intvl: 2000n } });
    },
    ip: [bridge, 'link set br0 type bridge stp_state 1 mcast_hash_max 512 mcast_querier_interval 2000'],
  },
  { name: 'a pair', ours: makePair, ip: [pair] },
  {
    name: 'a pair with attributes on both sides',
    ours: (nl) =>
      nl.links.add({
        kind: 'veth',
        ifname: 'v0',
        address: '02:00:00:00:01:00',
        mtu: 1400,
        txqlen: 77,
        group: 5,
        num_tx_queues: 3,
        peer: { ifname: 'v1', address: '02:00:00:00:01:01', mtu: 1300, txqlen: 78, group: 6, num_rx_queues: 4 },
      }),
    ip: [
      'link add v0 numtxqueues 3 address 02:00:00:00:01:00 mtu 1400 txqueuelen 77 group 5 type veth peer name v1 numrxqueues 4 address 02:00:00:00:01:01 mtu 1300 txqueuelen 78 group 6',
    ],
  },
  {
    name: 'an ifb',
    ours: (nl) => nl.links.add({ kind: 'ifb', ifname: 'i0', address: '02:00:00:00:03:00' }),
    ip: ['link add i0 address 02:00:00:00:03:00 type ifb'],
  },
  {
    name: 'a dummy',
    kind: 'dummy',
    ours: (nl) => nl.links.add({ kind: 'dummy', ifname: 'd0', address: '02:00:00:00:04:00' }),
    ip: ['link add d0 address 02:00:00:00:04:00 type dummy'],
  },
  {
    name: 'a vrf',
    kind: 'vrf',
    ours: (nl) => nl.links.add({ kind: 'vrf', ifname: 'r0', address: '02:00:00:00:04:00', data: { table: 1000 } }),
    ip: ['link add r0 address 02:00:00:00:04:00 type vrf table 1000'],
  },
  {
    name: 'a bond',
    kind: 'bond',
    ours: (nl) =>
      nl.links.add({
        kind: 'bond',
        ifname: 'o0',
        address: '02:00:00:00:04:00',
        data: { mode: 'active-backup', miimon: 100 },
      }),
    ip: ['link add o0 address 02:00:00:00:04:00 type bond mode active-backup miimon 100'],
  },
  ...(['private', 'vepa', 'bridge', 'passthru'] as const).flatMap((mode) =>
    (['macvlan', 'macvtap'] as const).map((kind) =>
      withPair(
        `a ${kind} in mode ${mode}`,
        (nl) => nl.links.add({ kind, ifname: 'm0', link: 'v0', address: '02:00:00:00:05:00', data: { mode } }),
        `link add link v0 name m0 address 02:00:00:00:05:00 type ${kind} mode ${mode}`,
      ),
    ),
  ),
  ...(['l2', 'l3', 'l3s'] as const).map((mode) => ({
    ...withPair(
      `an ipvlan in mode ${mode}`,
      (nl) => nl.links.add({ kind: 'ipvlan', ifname: 'p0', link: 'v0', data: { mode } }),
      `link add link v0 name p0 type ipvlan mode ${mode}`,
    ),
    kind: 'ipvlan',
  })),
  {
    ...withPair(
      'a vlan',
      (nl) => nl.links.add({ kind: 'vlan', ifname: 'l0', link: 'v0', data: { id: 32, protocol: '802.1ad' } }),
      'link add link v0 name l0 type vlan id 32 protocol 802.1ad',
    ),
    kind: 'vlan',
  },
  {
    ...withPair(
      'a vlan with flags and priorities',
      (nl) =>
        nl.links.add({
          kind: 'vlan',
          ifname: 'l0',
          link: 'v0',
          data: {
            id: 32,
            flags: ['LOOSE_BINDING'],
            egress_qos: [{ from: 1, to: 2 }],
            ingress_qos: [{ from: 3, to: 4 }],
          },
        }),
      'link add link v0 name l0 type vlan id 32 reorder_hdr off loose_binding on egress-qos-map 1:2 ingress-qos-map 3:4',
    ),
    kind: 'vlan',
  },
  {
    name: 'a vxlan',
    ours: (nl) =>
      nl.links.add({
        kind: 'vxlan',
        ifname: 'x0',
        address: '02:00:00:00:06:00',
        data: { id: 42, port: 4789, learning: false },
      }),
    ip: ['link add x0 address 02:00:00:00:06:00 type vxlan id 42 dstport 4789 nolearning'],
  },
  withWire(
    'a vxlan to a host',
    (nl) =>
      nl.links.add({
        kind: 'vxlan',
        ifname: 'x0',
        address: '02:00:00:00:06:00',
        data: {
          id: 42,
          port: 4789,
          group: '10.0.0.9',
          local: '10.0.0.1',
          link: 'v0',
          ttl: 9,
          port_range: { low: 4000, high: 5000 },
          proxy: true,
        },
      }),
    'link add x0 address 02:00:00:00:06:00 type vxlan id 42 dstport 4789 remote 10.0.0.9 local 10.0.0.1 dev v0 ttl 9 srcport 4000 5000 proxy',
  ),
  withPair(
    'up',
    (nl) => nl.links.set('v0', { inet6_addr_gen_mode: 'none', up: true }),
    'link set v0 addrgenmode none',
    'link set v0 up',
  ),
  withPair(
    'up and down',
    (nl) => {
      nl.links.set('v0', { up: true });
      nl.links.set('v0', { up: false });
    },
    'link set v0 up',
    'link set v0 down',
  ),
  withPair('the MTU', (nl) => nl.links.set('v0', { mtu: 1400 }), 'link set v0 mtu 1400'),
  withPair('the queue length', (nl) => nl.links.set('v0', { txqlen: 55 }), 'link set v0 txqueuelen 55'),
  withPair(
    'the address',
    (nl) => nl.links.set('v0', { address: '02:00:00:00:09:09' }),
    'link set v0 address 02:00:00:00:09:09',
  ),
  withPair(
    'the broadcast address',
    (nl) => nl.links.set('v0', { broadcast: 'ff:ff:ff:ff:00:00' }),
    'link set v0 broadcast ff:ff:ff:ff:00:00',
  ),
  withPair('the name', (nl) => nl.links.set('v0', { ifname: 'renamed' }), 'link set v0 name renamed'),
  withPair('the alias', (nl) => nl.links.set('v0', { ifalias: 'mine' }), 'link set v0 alias mine'),
  withPair('the group', (nl) => nl.links.set('v0', { group: 9 }), 'link set v0 group 9'),
  withPair('promiscuous', (nl) => nl.links.set('v0', { promisc: true }), 'link set v0 promisc on'),
  withPair('all multicast', (nl) => nl.links.set('v0', { allmulti: true }), 'link set v0 allmulticast on'),
  withPair('no multicast', (nl) => nl.links.set('v0', { multicast: false }), 'link set v0 multicast off'),
  withPair('no ARP', (nl) => nl.links.set('v0', { arp: false }), 'link set v0 arp off'),
  withPair('dynamic', (nl) => nl.links.set('v0', { dynamic: true }), 'link set v0 dynamic on'),
  withPair(
    'segment sizes',
    (nl) => nl.links.set('v0', { gso_max_size: 30_000, gso_max_segs: 10 }),
    'link set v0 gso_max_size 30000 gso_max_segs 10',
  ),
  {
    name: 'protocol down',
    ours: (nl) => {
      nl.links.add({ kind: 'vxlan', ifname: 'x0', address: '02:00:00:00:06:00', data: { id: 42, port: 4789 } });
      nl.links.set('x0', { proto_down: true });
    },
    ip: ['link add x0 address 02:00:00:00:06:00 type vxlan id 42 dstport 4789', 'link set x0 protodown on'],
  },
  withPair('deletion', (nl) => nl.links.delete('v0'), 'link del v0'),
  withPair(
    'a port',
    (nl) => {
      nl.links.add(BRIDGE);
      nl.links.set('v0', { master: 'br0' });
    },
    bridge,
    'link set v0 master br0',
  ),
  withPair(
    'a port no more',
    (nl) => {
      nl.links.add(BRIDGE);
      nl.links.set('v0', { master: 'br0' });
      nl.links.set('v0', { master: null });
    },
    bridge,
    'link set v0 master br0',
    'link set v0 nomaster',
  ),
  ...(
    [
      [{ hairpin: true }, 'hairpin on'],
      [{ isolated: true }, 'isolated on'],
      [{ learning: false }, 'learning off'],
      [{ flood: false }, 'flood off'],
      [{ guard: true }, 'guard on'],
      [{ root_block: true }, 'root_block on'],
      [{ fastleave: true }, 'fastleave on'],
      [{ mcast_flood: false }, 'mcast_flood off'],
      [{ bcast_flood: false }, 'bcast_flood off'],
      [{ neigh_suppress: true }, 'neigh_suppress on'],
      [{ locked: true }, 'locked on'],
      [{ cost: 77, priority: 9 }, 'cost 77 priority 9'],
      [{ proxy_arp: true }, 'proxy_arp on'],
      [{ group_fwd_mask: 8 }, 'group_fwd_mask 8'],
    ] as const
  ).map(([bridge_slave, words]) =>
    withPair(
      `a port with ${words}`,
      (nl) => {
        nl.links.add(BRIDGE);
        nl.links.set('v0', { master: 'br0' });
        nl.links.set('v0', { bridge_slave });
      },
      bridge,
      'link set v0 master br0',
      `link set v0 type bridge_slave ${words}`,
    ),
  ),
];

const addresses: readonly Case[] = [
  withWire('IPv4', (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16' }), 'addr add 10.1.0.1/16 dev v0'),
  withWire(
    'IPv4 without a length',
    (nl) => nl.addresses.add({ dev: 'lo', local: '127.0.1.1' }),
    'addr add 127.0.1.1 dev lo',
  ),
  withWire(
    'broadcast',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', broadcast: '+' }),
    'addr add 10.1.0.1/16 brd + dev v0',
  ),
  withWire(
    "a broadcast of one's own",
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', broadcast: '10.1.0.255' }),
    'addr add 10.1.0.1/16 brd 10.1.0.255 dev v0',
  ),
  withWire(
    'point-to-point',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1', address: '10.1.0.2', prefixlen: 32 }),
    'addr add 10.1.0.1 peer 10.1.0.2 dev v0',
  ),
  withWire(
    'IPv6 point-to-point',
    (nl) => nl.addresses.add({ dev: 'v0', local: 'fd01::1', address: 'fd01::2', prefixlen: 128, nodad: true }),
    'addr add fd01::1 peer fd01::2 dev v0 nodad',
  ),
  withWire(
    'a label',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', label: 'v0:one' }),
    'addr add 10.1.0.1/16 label v0:one dev v0',
  ),
  withWire(
    'a scope',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', scope: 'link' }),
    'addr add 10.1.0.1/16 scope link dev v0',
  ),
  withWire(
    'lifetimes',
    (nl) =>
      nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', valid_life_time: 100_000, preferred_life_time: 50_000 }),
    'addr add 10.1.0.1/16 valid_lft 100000 preferred_lft 50000 dev v0',
  ),
  withWire(
    'IPv6 lifetimes',
    (nl) =>
      nl.addresses.add({
        dev: 'v0',
        local: 'fd01::1/64',
        nodad: true,
        valid_life_time: 100_000,
        preferred_life_time: 50_000,
      }),
    'addr add fd01::1/64 nodad valid_lft 100000 preferred_lft 50000 dev v0',
  ),
  withWire(
    'a metric',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', metric: 77 }),
    'addr add 10.1.0.1/16 metric 77 dev v0',
  ),
  withWire(
    'no route',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.1.0.1/16', noprefixroute: true }),
    'addr add 10.1.0.1/16 noprefixroute dev v0',
  ),
  withWire(
    'IPv6 flags',
    (nl) => nl.addresses.add({ dev: 'v0', local: 'fd01::1/64', nodad: true, home: true, noprefixroute: true }),
    'addr add fd01::1/64 nodad home noprefixroute dev v0',
  ),
  withWire(
    'a second one',
    (nl) => nl.addresses.add({ dev: 'v0', local: '10.0.0.2/24' }),
    'addr add 10.0.0.2/24 dev v0',
  ),
  withWire(
    'IPv4 mapped',
    (nl) => nl.addresses.add({ dev: 'v0', local: 'fd01:0:0:1::/127', nodad: true }),
    'addr add fd01:0:0:1::/127 nodad dev v0',
  ),
  withWire(
    'replacing lifetimes',
    (nl) =>
      nl.addresses.replace({ dev: 'v0', local: '10.0.0.1/24', valid_life_time: 100_000, preferred_life_time: 5000 }),
    'addr replace 10.0.0.1/24 valid_lft 100000 preferred_lft 5000 dev v0',
  ),
  withWire(
    'replacing nothing',
    (nl) => nl.addresses.replace({ dev: 'v0', local: '10.7.0.1/24' }),
    'addr replace 10.7.0.1/24 dev v0',
  ),
  withWire('deletion', (nl) => nl.addresses.delete({ dev: 'v0', local: '10.0.0.1/24' }), 'addr del 10.0.0.1/24 dev v0'),
  withWire(
    'IPv6 deletion',
    (nl) => nl.addresses.delete({ dev: 'v0', local: 'fd00::1/64' }),
    'addr del fd00::1/64 dev v0',
  ),
];

const routes: readonly Case[] = [
  withWire(
    'a default',
    (nl) => nl.routes.add({ dst: 'default', gateway: '10.0.0.254' }),
    'route add default via 10.0.0.254',
  ),
  withWire(
    'an IPv6 default',
    (nl) => nl.routes.add({ dst: 'default', gateway: 'fd00::fe' }),
    'route add default via fd00::fe',
  ),
  withWire(
    'a network',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' }),
    'route add 10.2.0.0/16 via 10.0.0.2',
  ),
  withWire(
    'a network with host bits',
    (nl) => nl.routes.add({ dst: '10.2.3.4/16', gateway: '10.0.0.2' }),
    'route add 10.2.0.0/16 via 10.0.0.2',
  ),
  withWire(
    'a host',
    (nl) => nl.routes.add({ dst: '10.2.3.4', gateway: '10.0.0.2' }),
    'route add 10.2.3.4 via 10.0.0.2',
  ),
  withWire('a link', (nl) => nl.routes.add({ dst: '10.2.0.0/16', dev: 'v0' }), 'route add 10.2.0.0/16 dev v0'),
  withWire(
    'an IPv6 network',
    (nl) => nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2' }),
    'route add fd02::/48 via fd00::2',
  ),
  withWire('an IPv6 link', (nl) => nl.routes.add({ dst: 'fd02::/48', dev: 'v0' }), 'route add fd02::/48 dev v0'),
  withWire(
    'a source',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', prefsrc: '10.0.0.1' }),
    'route add 10.2.0.0/16 via 10.0.0.2 src 10.0.0.1',
  ),
  withWire(
    'a metric',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', metric: 50 }),
    'route add 10.2.0.0/16 via 10.0.0.2 metric 50',
  ),
  withWire(
    'a large table',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', table: 70_000 }),
    'route add 10.2.0.0/16 via 10.0.0.2 table 70000',
  ),
  withWire(
    'a small table',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', table: 100 }),
    'route add 10.2.0.0/16 via 10.0.0.2 table 100',
  ),
  withWire(
    'a scope',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', dev: 'v0', scope: 'global' }),
    'route add 10.2.0.0/16 dev v0 scope global',
  ),
  withWire(
    'a protocol',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', protocol: 'static' }),
    'route add 10.2.0.0/16 via 10.0.0.2 proto static',
  ),
  withWire(
    'a numbered protocol',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', protocol: 4 }),
    'route add 10.2.0.0/16 via 10.0.0.2 proto 4',
  ),
  withWire(
    'onlink',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '99.0.0.1', dev: 'v0', flags: ['onlink'] }),
    'route add 10.2.0.0/16 via 99.0.0.1 dev v0 onlink',
  ),
  withWire(
    'next hops',
    (nl) =>
      nl.routes.add({ dst: '10.2.0.0/16', nexthops: [{ gateway: '10.0.0.2', weight: 2 }, { gateway: '10.0.0.3' }] }),
    'route add 10.2.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.0.3',
  ),
  withWire(
    'IPv6 next hops',
    (nl) =>
      nl.routes.add({
        dst: 'fd02::/48',
        nexthops: [
          { gateway: 'fd00::2', weight: 3 },
          { gateway: 'fd00::3', dev: 'v0' },
        ],
      }),
    'route add fd02::/48 nexthop via fd00::2 weight 3 nexthop via fd00::3 dev v0',
  ),
  withWire(
    'a next hop of the other family',
    (nl) =>
      nl.routes.add({ dst: '10.2.0.0/16', nexthops: [{ gateway: 'fe80::2', dev: 'v0' }, { gateway: '10.0.0.2' }] }),
    'route add 10.2.0.0/16 nexthop via inet6 fe80::2 dev v0 nexthop via 10.0.0.2',
  ),
  withWire(
    'IPv4 via IPv6',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: 'fd00::2', dev: 'v0' }),
    'route add 10.2.0.0/16 via inet6 fd00::2 dev v0',
  ),
  withWire(
    'an IPv4 default via IPv6',
    (nl) => nl.routes.add({ dst: 'default', via: { family: 'inet6', host: 'fd00::2' }, dev: 'v0' }),
    '-4 route add default via inet6 fd00::2 dev v0',
  ),
  ...(['blackhole', 'unreachable', 'prohibit', 'throw'] as const).flatMap((type) => [
    withWire(`of type ${type}`, (nl) => nl.routes.add({ dst: '10.2.0.0/16', type }), `route add ${type} 10.2.0.0/16`),
    withWire(`IPv6 of type ${type}`, (nl) => nl.routes.add({ dst: 'fd02::/48', type }), `route add ${type} fd02::/48`),
  ]),
  withWire(
    'of type local',
    (nl) => nl.routes.add({ dst: '10.2.0.1', type: 'local', dev: 'lo' }),
    'route add local 10.2.0.1 dev lo',
  ),
  withWire(
    'metrics',
    (nl) =>
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', metrics: { mtu: 1300, advmss: 1200, initcwnd: 20 } }),
    'route add 10.2.0.0/16 via 10.0.0.2 mtu 1300 advmss 1200 initcwnd 20',
  ),
  withWire(
    'congestion control',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', metrics: { congestion: 'reno' } }),
    'route add 10.2.0.0/16 via 10.0.0.2 congctl reno',
  ),
  withWire(
    'a type of service',
    (nl) => nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2', tos: 0x10 }),
    'route add 10.2.0.0/16 via 10.0.0.2 tos 0x10',
  ),
  withWire(
    'a preference',
    (nl) => nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2', pref: 'high' }),
    'route add fd02::/48 via fd00::2 pref high',
  ),
  withWire(
    'replacing',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.replace({ dst: '10.2.0.0/16', gateway: '10.0.0.3' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route replace 10.2.0.0/16 via 10.0.0.3',
  ),
  withWire(
    'appending',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.append({ dst: '10.2.0.0/16', gateway: '10.0.0.3' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route append 10.2.0.0/16 via 10.0.0.3',
  ),
  withWire(
    'appending in IPv6',
    (nl) => {
      nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2' });
      nl.routes.append({ dst: 'fd02::/48', gateway: 'fd00::3' });
    },
    'route add fd02::/48 via fd00::2',
    'route append fd02::/48 via fd00::3',
  ),
  withWire(
    'changing',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.change({ dst: '10.2.0.0/16', gateway: '10.0.0.3' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route change 10.2.0.0/16 via 10.0.0.3',
  ),
  withWire(
    'deletion',
    (nl) => {
      nl.routes.add({ dst: '10.2.0.0/16', gateway: '10.0.0.2' });
      nl.routes.delete({ dst: '10.2.0.0/16' });
    },
    'route add 10.2.0.0/16 via 10.0.0.2',
    'route del 10.2.0.0/16',
  ),
  withWire(
    'IPv6 deletion',
    (nl) => {
      nl.routes.add({ dst: 'fd02::/48', gateway: 'fd00::2' });
      nl.routes.delete({ dst: 'fd02::/48' });
    },
    'route add fd02::/48 via fd00::2',
    'route del fd02::/48',
  ),
];

const rules: readonly Case[] = [
  withWire(
    'a source',
    (nl) => nl.rules.add({ src: '10.0.0.0/8', table: 100, priority: 1000 }),
    'rule add from 10.0.0.0/8 table 100 pref 1000',
  ),
  withWire(
    'a destination',
    (nl) => nl.rules.add({ dst: '10.0.0.1', table: 70_000, priority: 1000 }),
    'rule add to 10.0.0.1 table 70000 pref 1000',
  ),
  withWire(
    'IPv6',
    (nl) => nl.rules.add({ src: 'fd00::/8', dst: 'fd01::1', table: 100, priority: 1000 }),
    '-6 rule add from fd00::/8 to fd01::1 table 100 pref 1000',
  ),
  withWire(
    'IPv6 of all',
    (nl) => nl.rules.add({ family: 'inet6', table: 100, priority: 1000 }),
    '-6 rule add table 100 pref 1000',
  ),
  withWire(
    'a mark',
    (nl) => nl.rules.add({ fwmark: 16, fwmask: 255, table: 100, priority: 1000 }),
    'rule add fwmark 16/255 table 100 pref 1000',
  ),
  withWire(
    'links',
    (nl) => nl.rules.add({ iif: 'v0', oif: 'v1', table: 100, priority: 1000 }),
    'rule add iif v0 oif v1 table 100 pref 1000',
  ),
  withWire(
    'users',
    (nl) => nl.rules.add({ uid_range: { start: 1, end: 9 }, table: 100, priority: 1000 }),
    'rule add uidrange 1-9 table 100 pref 1000',
  ),
  withWire(
    'ports',
    (nl) =>
      nl.rules.add({
        ipproto: 6,
        sport: { start: 80, end: 80 },
        dport: { start: 100, end: 200 },
        table: 100,
        priority: 1000,
      }),
    'rule add ipproto tcp sport 80 dport 100-200 table 100 pref 1000',
  ),
  withWire(
    'not',
    (nl) => nl.rules.add({ not: true, src: '10.0.0.0/8', table: 100, priority: 1000 }),
    'rule add not from 10.0.0.0/8 table 100 pref 1000',
  ),
  withWire(
    'suppressed prefixes',
    (nl) => nl.rules.add({ table: 'main', suppress_prefixlen: 0, priority: 1000 }),
    'rule add table main suppress_prefixlength 0 pref 1000',
  ),
  withWire(
    'another rule',
    (nl) => nl.rules.add({ src: '10.0.0.0/8', goto: 32_766, priority: 1000 }),
    'rule add from 10.0.0.0/8 goto 32766 pref 1000',
  ),
  ...(['blackhole', 'unreachable', 'prohibit'] as const).map((action) =>
    withWire(
      action,
      (nl) => nl.rules.add({ src: '10.0.0.0/8', action, priority: 1000 }),
      `rule add from 10.0.0.0/8 ${action} pref 1000`,
    ),
  ),
  withWire(
    'the priority that the kernel picks',
    (nl) => nl.rules.add({ src: '10.0.0.0/8', table: 100 }),
    'rule add from 10.0.0.0/8 table 100',
  ),
  withWire(
    'deletion',
    (nl) => {
      nl.rules.add({ src: '10.0.0.0/8', table: 100 });
      nl.rules.delete({ src: '10.0.0.0/8', table: 100 });
    },
    'rule add from 10.0.0.0/8 table 100',
    'rule del from 10.0.0.0/8 table 100',
  ),
];

const neighbours: readonly Case[] = [
  withWire(
    'permanent',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09' }),
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0',
  ),
  withWire(
    'IPv6',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: 'fd00::9', lladdr: '02:00:00:00:00:09', router: true }),
    'neigh add fd00::9 lladdr 02:00:00:00:00:09 dev v0 router',
  ),
  withWire(
    'noarp',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09', state: ['NOARP'] }),
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 nud noarp dev v0',
  ),
  withWire(
    'learned elsewhere',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09', extern_learn: true }),
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 extern_learn dev v0',
  ),
  withWire(
    'replacing',
    (nl) => {
      nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09' });
      nl.neighbours.replace({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:0a' });
    },
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0',
    'neigh replace 10.0.0.9 lladdr 02:00:00:00:00:0a dev v0',
  ),
  withWire(
    'deletion',
    (nl) => {
      nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09', state: ['NOARP'] });
      nl.neighbours.delete({ dev: 'v0', dst: '10.0.0.9' });
    },
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 nud noarp dev v0',
    'neigh del 10.0.0.9 dev v0',
  ),
];

const inBridge = (nl: Netlink): void => {
  nl.links.add(BRIDGE);
  nl.links.set('v0', { master: 'br0' });
};

const fdb: readonly Case[] = [
  withPair(
    'of the bridge',
    (nl) => {
      inBridge(nl);
      nl.fdb.add({ dev: 'v0', mac: '02:00:00:00:00:09', of: 'master' });
    },
    bridge,
    'link set v0 master br0',
    'bridge fdb add 02:00:00:00:00:09 dev v0 master',
  ),
  withPair(
    'static',
    (nl) => {
      inBridge(nl);
      nl.fdb.add({ dev: 'v0', mac: '02:00:00:00:00:09', of: 'master', state: 'static' });
    },
    bridge,
    'link set v0 master br0',
    'bridge fdb add 02:00:00:00:00:09 dev v0 master static',
  ),
  withPair(
    'deletion',
    (nl) => {
      inBridge(nl);
      nl.fdb.add({ dev: 'v0', mac: '02:00:00:00:00:09', of: 'master' });
      nl.fdb.delete({ dev: 'v0', mac: '02:00:00:00:00:09', of: 'master' });
    },
    bridge,
    'link set v0 master br0',
    'bridge fdb add 02:00:00:00:00:09 dev v0 master',
    'bridge fdb del 02:00:00:00:00:09 dev v0 master',
  ),
  {
    name: 'of a vxlan',
    ours: (nl) => {
      nl.links.add({ kind: 'vxlan', ifname: 'x0', address: '02:00:00:00:06:00', data: { id: 42, port: 4789 } });
      nl.fdb.add({ dev: 'x0', mac: '02:00:00:00:00:09', dst: '10.0.0.9', vni: 7, port: 5000 });
      nl.fdb.append({ dev: 'x0', mac: '00:00:00:00:00:00', dst: '10.0.0.8' });
    },
    ip: [
      'link add x0 address 02:00:00:00:06:00 type vxlan id 42 dstport 4789',
      'bridge fdb add 02:00:00:00:00:09 dev x0 dst 10.0.0.9 vni 7 port 5000',
      'bridge fdb append 00:00:00:00:00:00 dev x0 dst 10.0.0.8',
    ],
  },
];

/** By what they change. */
export const cases: Readonly<Record<string, readonly Case[]>> = { links, addresses, routes, rules, neighbours, fdb };

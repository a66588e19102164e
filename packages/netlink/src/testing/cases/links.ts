import { BRIDGE, bridge, type Case, makePair, pair, withPair, withWire } from './common.ts';

/** Links of every kind. */
export const links: readonly Case[] = [
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
      'an ipvlan whose links do not see each other',
      (nl) => nl.links.add({ kind: 'ipvlan', ifname: 'p0', link: 'v0', data: { mode: 'l2', flags: ['private'] } }),
      'link add link v0 name p0 type ipvlan mode l2 private',
    ),
    kind: 'ipvlan',
  },
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
];

import { BRIDGE, bridge, type Case, withPair } from './common.ts';

/** What can be changed of links and ports of bridges. */
export const settings: readonly Case[] = [
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

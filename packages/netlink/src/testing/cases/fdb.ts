import type { Netlink } from '../../netlink.ts';
import { BRIDGE, bridge, type Case, withPair } from './common.ts';

const inBridge = (nl: Netlink): void => {
  nl.links.add(BRIDGE);
  nl.links.set('v0', { master: 'br0' });
};

/** Forwarding databases. */
export const fdb: readonly Case[] = [
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

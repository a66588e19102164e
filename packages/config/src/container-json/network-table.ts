import { list } from '../codec/collections.ts';
import { type Fields, object, optional, required } from '../codec/object.ts';
import { boolean, integer, text } from '../codec/scalars.ts';
import type { Network, PortForward, Route } from '../network.ts';

const positive = integer({ min: 0, max: 0x7fff_ffff, unset: 0 });

const port = integer({ min: 1, max: 65_535 });

const portFields: Fields<PortForward> = {
  protocol: optional(text, 'tcp or udp; left out: tcp.'),
  hostAddress: optional(text, 'IPv4 address of the host on which it is open; left out: all.'),
  hostPort: required(port, 'Port of the host.'),
  containerPort: required(port, 'Port of the container.'),
};

const networkFields: Fields<Network> = {
  type: required(text, 'loopback, veth, macvlan, ipvlan, phys or user.'),
  name: optional(text, 'Name of the interface inside the container.'),
  link: optional(text, 'Interface of the host below a macvlan or ipvlan, or which phys moves.'),
  mode: optional(text, 'private, vepa, bridge or passthru of a macvlan; l2, l3 or l3s of an ipvlan.'),
  bridge: optional(text, "Bridge of the host to which the host's end is attached."),
  createBridge: optional(boolean, 'Make the bridge when it is not there, with the gateways as its addresses.'),
  masquerade: optional(boolean, "What leaves the host from that bridge gets the host's address."),
  macAddress: optional(text, 'Ethernet address.'),
  address: optional(text, 'IPv4 address with prefix length.'),
  gateway: optional(text, 'IPv4 address of the default route.'),
  ipv6Address: optional(text, 'IPv6 address with prefix length.'),
  ipv6Gateway: optional(text, 'IPv6 address of the default route.'),
  mtu: optional(positive, 'MTU in bytes.'),
  txQueueLen: optional(positive, 'Length of the transmit queue in packets.', 'txqueuelen'),
  hostInterfaceName: optional(text, "Name of the host's end."),
  hairpinMode: optional(boolean, "Hairpin NAT on the bridge's port."),
  program: optional(text, 'pasta or slirp4netns, which makes a user network.'),
  ports: optional(list(object('PortForward', portFields)), 'Ports of the host that lead into the container.'),
  dns: optional(text, "IPv4 address at which the host's name server answers."),
  hostLoopback: optional(boolean, "The gateway leads to the host's loopback interface."),
};

/** An item of `networks`. */
export const network = object('Network', networkFields, { moved: { veth_prefix: 'host_interface_name' } });

const routeFields: Fields<Route> = {
  destination: optional(text, 'Destination in CIDR notation; left out: the default route.'),
  source: optional(text, 'Preferred source address in CIDR notation.'),
  gateway: optional(text, 'Address of the next hop.'),
  interfaceName: optional(text, 'Interface inside the container.'),
};

/** An item of `routes`. */
export const route = object('Route', routeFields);

/**
 * Kinds of networks. `loopback` brings lo up; `veth` makes a pair of which one end is in the container; `macvlan` and
 * `ipvlan` make an interface on top of one of the host's; `phys` moves an interface of the host into the container, and
 * back when the container is destroyed.
 */
export const NETWORK_TYPES = ['loopback', 'veth', 'macvlan', 'ipvlan', 'phys'] as const;

/** What an interface can do with the others on the same link, by the type of network that knows such modes. */
export const NETWORK_MODES = {
  /** `bridge` when none is given: the others are reached directly. */
  macvlan: ['private', 'vepa', 'bridge', 'passthru'],
  /** `l2` when none is given. */
  ipvlan: ['l2', 'l3', 'l3s'],
} as const;

/** A network interface of the container. Undefined fields are left as the kernel makes them. */
export interface Network {
  /** One of {@link NETWORK_TYPES}; validation names others. */
  readonly type: string;
  /** Name of the interface inside the container; undefined: `eth0`, and for phys the name that it has on the host. */
  readonly name?: string;
  /** Interface of the host on which a macvlan or ipvlan is made, or which phys moves. */
  readonly link?: string;
  /** One of {@link NETWORK_MODES}; undefined: the first named there as such. */
  readonly mode?: string;
  /** Bridge of the host to which the host's end is attached. */
  readonly bridge?: string;
  /**
   * The bridge is made when it is not there, with the gateways as its addresses, and goes with the last container that is on
   * it. A bridge that somebody else made stays as it is.
   */
  readonly createBridge?: boolean;
  /** What leaves the host from a bridge that was made by `createBridge` gets the host's address, of both families. */
  readonly masquerade?: boolean;
  /** Ethernet address (`02:42:ac:11:00:02`). */
  readonly macAddress?: string;
  /** IPv4 address with prefix length (`172.17.0.101/16`). */
  readonly address?: string;
  /** IPv4 address of the default route. */
  readonly gateway?: string;
  /** IPv6 address with prefix length. */
  readonly ipv6Address?: string;
  /** IPv6 address of the default route. */
  readonly ipv6Gateway?: string;
  /** MTU in bytes, of both ends of a veth; not used by loopback. */
  readonly mtu?: number;
  /** Length of the transmit queue in packets, of both ends of a veth; not used by loopback. */
  readonly txQueueLen?: number;
  /** Name of the host's end; undefined: one is made up. */
  readonly hostInterfaceName?: string;
  /** Hairpin NAT on the bridge's port: the container reaches itself through the bridge. */
  readonly hairpinMode?: boolean;
}

/** A route added inside the container. One of destination, source and gateway is given; all of one IP family. */
export interface Route {
  /** Destination in CIDR notation; undefined: the default route. */
  readonly destination?: string;
  /** Preferred source address in CIDR notation. */
  readonly source?: string;
  /** Address of the next hop. */
  readonly gateway?: string;
  /** Interface inside the container (`eth0`). */
  readonly interfaceName?: string;
}

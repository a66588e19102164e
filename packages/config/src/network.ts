/** Kinds of networks: `loopback` brings lo up, `veth` makes a pair of which one end is in the container. */
export const NETWORK_TYPES = ['loopback', 'veth'] as const;

/** A network interface of the container. Undefined fields are left as the kernel makes them. */
export interface Network {
  /** One of {@link NETWORK_TYPES}; validation names others. */
  readonly type: string;
  /** Name of the interface inside the container (`eth0`). */
  readonly name?: string;
  /** Bridge of the host to which the host's end is attached. */
  readonly bridge?: string;
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
  /** MTU in bytes of both ends; not used by loopback. */
  readonly mtu?: number;
  /** Length of the transmit queue in packets, of both ends; not used by loopback. */
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

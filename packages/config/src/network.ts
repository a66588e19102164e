/**
 * Kinds of networks. `loopback` brings lo up; `veth` makes a pair of which one end is in the container; `macvlan` and
 * `ipvlan` make an interface on top of one of the host's; `phys` moves an interface of the host into the container, and
 * back when the container is destroyed; `user` lets a program of the host pass on what the container sends, which needs no
 * privilege.
 */
export const NETWORK_TYPES = ['loopback', 'veth', 'macvlan', 'ipvlan', 'phys', 'user'] as const;

/** The programs that a `user` network can be made by, in the order in which they are looked for. */
export const USER_NETWORK_PROGRAMS = ['pasta', 'slirp4netns'] as const;

/** A port of the host that leads into the container. */
export interface PortForward {
  /** `tcp` or `udp`; undefined: tcp. */
  readonly protocol?: string;
  /** IPv4 address of the host on which it is open; undefined: all. */
  readonly hostAddress?: string;
  /** 1 to 65535; below 1024 the host may refuse it to ordinary users (net.ipv4.ip_unprivileged_port_start). */
  readonly hostPort: number;
  /** 1 to 65535. */
  readonly containerPort: number;
}

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
  /** One of {@link USER_NETWORK_PROGRAMS} for a `user` network; undefined: the first that is installed. */
  readonly program?: string;
  /** Ports of the host that lead into the container, of a `user` network; undefined: none. */
  readonly ports?: readonly PortForward[];
  /**
   * IPv4 address at which the host's name server answers in a `user` network; undefined: pasta has none, slirp4netns answers
   * at 10.0.2.3, which cannot be changed. The container's resolv.conf is nobody's business but its image's.
   */
  readonly dns?: string;
  /**
   * Whether the gateway of a `user` network leads to the host's own loopback interface, and so to services that are open to
   * the host alone. Default false.
   */
  readonly hostLoopback?: boolean;
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

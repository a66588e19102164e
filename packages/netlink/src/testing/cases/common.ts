import type { Netlink } from '../../netlink.ts';

/** The same change in this library's words and in iproute2's. */
export interface Case {
  readonly name: string;
  readonly ours: (nl: Netlink) => void;
  /** Lines of `ip -batch`; those of `bridge` and `tc` begin with that word. */
  readonly ip: readonly string[];
  /** The kind of links that the kernel must have for it. */
  readonly kind?: string;
}

/** A pair in the words of `ip`. */
export const pair = 'link add v0 address 02:00:00:00:01:00 type veth peer name v1 address 02:00:00:00:01:01';

/** Makes v0 and v1. */
export const makePair = (nl: Netlink): void =>
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

/** A case on a pair of links, v0 and v1. */
export const withPair = (name: string, ours: (nl: Netlink) => void, ...ip: readonly string[]): Case => ({
  name,
  ours: (nl) => {
    makePair(nl);
    ours(nl);
  },
  ip: [pair, ...ip],
});

/** A case on a pair that is up, whose end v0 has addresses. */
export const withWire = (name: string, ours: (nl: Netlink) => void, ...ip: readonly string[]): Case => ({
  name,
  ours: (nl) => {
    wire(nl);
    ours(nl);
  },
  ip: [...wired, ...ip],
});

/** A bridge in the words of `ip`. */
export const bridge = 'link add br0 address 02:00:00:00:02:00 type bridge';
/** The same bridge in ours. */
export const BRIDGE = { kind: 'bridge', ifname: 'br0', address: '02:00:00:00:02:00' } as const;

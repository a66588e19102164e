import type { scopeNames } from '../messages/names.ts';
import type { Device } from '../session.ts';
import type { IpFamily } from '../text/ip.ts';
import type { UnknownAttribute } from '../wire/attributes.ts';
import type { Named } from '../wire/names.ts';

/** The lifetime of an address that never ends, in seconds. */
export const FOREVER = 0xffff_ffff;

/** What is true of an address; undefined for no. */
export interface AddressFlags {
  /** IPv4: another address of the same network was there before. Read only. */
  readonly secondary?: boolean;
  /** IPv6: made by privacy extensions. Read only. */
  readonly temporary?: boolean;
  /** IPv6: used at once, without looking for a duplicate. */
  readonly nodad?: boolean;
  /** IPv6: used while a duplicate is looked for. */
  readonly optimistic?: boolean;
  /** IPv6: a duplicate was found. Read only. */
  readonly dadfailed?: boolean;
  /** IPv6: home address of mobile IP. */
  readonly home?: boolean;
  /** Past its preferred lifetime. Read only. */
  readonly deprecated?: boolean;
  /** IPv6: a duplicate is being looked for, and the address cannot be used yet. Read only. */
  readonly tentative?: boolean;
  /** It has a lifetime that ends. Read only: give lifetimes. */
  readonly dynamic?: boolean;
  /** IPv6: temporary addresses are made from it. */
  readonly mngtmpaddr?: boolean;
  /** No route to its network is made. */
  readonly noprefixroute?: boolean;
  /** Multicast groups on it are joined by IGMP or MLD. */
  readonly autojoin?: boolean;
  /** IPv6: made by RFC 7217. Read only. */
  readonly 'stable-privacy'?: boolean;
}

/** An address of a link, with the names that `ip -j addr` uses. It can be given back to {@link Addresses.add}. */
export interface Address extends AddressFlags {
  readonly ifindex: number;
  /** The link's name. */
  readonly dev: string;
  readonly family: IpFamily;
  readonly local: string;
  readonly prefixlen: number;
  /** The address of the other end, where it is another: point-to-point. */
  readonly address?: string;
  readonly broadcast?: string;
  readonly anycast?: string;
  readonly scope: Named<typeof scopeNames>;
  /** IPv4: `eth0`, or `eth0:1` as ifconfig(8) knew them. */
  readonly label?: string;
  /** Of the route to its network. */
  readonly metric?: number;
  /** Where it comes from, IFA_PROTO; kernel 5.18 or newer. */
  readonly protocol?: number;
  /** In seconds, {@link FOREVER} for no end. */
  readonly valid_life_time: number;
  /** In seconds; past it the address is not chosen for new connections. */
  readonly preferred_life_time: number;
  /** Attributes that this library has no name for; not enumerable. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** An address to be set or taken away. */
export interface AddressSettings extends AddressFlags {
  readonly dev: Device;
  /** `10.0.0.1/24`, `fd00::1/64`, or without a length, which {@link AddressSettings.prefixlen} gives then. */
  readonly local: string;
  /** 32 or 128 when neither says it. */
  readonly prefixlen?: number;
  readonly address?: string;
  /** IPv4. `+` is the highest address of the network; none when undefined. */
  readonly broadcast?: string;
  /** `host` for 127.0.0.0/8 and `global` for others when undefined. IPv6 finds its own. */
  readonly scope?: Named<typeof scopeNames>;
  readonly label?: string;
  readonly metric?: number;
  readonly protocol?: number;
  readonly valid_life_time?: number;
  readonly preferred_life_time?: number;
}

/** Which addresses to list. */
export interface AddressFilter {
  readonly dev?: Device;
  readonly family?: IpFamily;
}

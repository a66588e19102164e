import { NetlinkDecodeError } from '../errors.ts';
import type { neighbourFlagNames, neighbourStateNames, protocolNames } from '../messages/names.ts';
import type { NeighbourMessage } from '../messages/neighbour.ts';
import type { LinkNames } from '../session.ts';
import { formatIp, type IpFamily } from '../text/ip.ts';
import { withUnknown } from '../unknown.ts';
import type { UnknownAttribute } from '../wire/attributes.ts';
import type { FlagNames, Named } from '../wire/names.ts';

/** What is known of an address on a link, with the names that `ip -j -s neigh` uses. */
export interface Neighbour {
  readonly ifindex: number;
  readonly dev: string;
  readonly family: IpFamily;
  readonly dst: string;
  /** Link-layer address; undefined while it is not known. */
  readonly lladdr?: string;
  readonly state: FlagNames<typeof neighbourStateNames>;
  /** Whether it is a router. */
  readonly router?: true;
  /** Whether this host answers for it. */
  readonly proxy?: true;
  /** Whether something other than the kernel learned it. */
  readonly extern_learn?: true;
  readonly offload?: true;
  /** Seconds since it was used, confirmed and changed. */
  readonly used?: number;
  readonly confirmed?: number;
  readonly updated?: number;
  readonly probes?: number;
  readonly protocol?: Named<typeof protocolNames>;
  /** Attributes that this library has no name for; not enumerable. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** An entry of a forwarding database, with the names that `bridge -j fdb` uses. */
export interface FdbEntry {
  readonly ifindex: number;
  readonly mac: string;
  /** The link behind which the address is. */
  readonly ifname: string;
  /** VXLAN: the host that it is behind. */
  readonly dst?: string;
  readonly vlan?: number;
  readonly port?: number;
  readonly vni?: number;
  readonly src_vni?: number;
  /** VXLAN: the link that packets leave by. */
  readonly viaIf?: string;
  readonly flags: FlagNames<typeof neighbourFlagNames>;
  /** The bridge. */
  readonly master?: string;
  /** `permanent` is an address of this host, `static` one that was set, `stale` one that was learned long ago. */
  readonly state: 'permanent' | 'static' | 'stale' | '';
  /** Seconds since it was used and changed. */
  readonly used?: number;
  readonly updated?: number;
  /** Attributes that this library has no name for; not enumerable. */
  readonly unknown?: readonly UnknownAttribute[];
}

function ipOf(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16)
    throw new NetlinkDecodeError(`an address of a neighbour has ${bytes.length} bytes and not 4 or 16`);
  return formatIp(bytes);
}

const seconds = (ticks: number): number => Math.floor(ticks / 100);

/** A neighbour as callers see it. */
export function toNeighbour({ header, attributes }: NeighbourMessage, names: LinkNames): Neighbour {
  const { dst, lladdr, cacheinfo, probes, protocol, unknown } = attributes;
  const has = (flag: (typeof header.flags)[number]): boolean => header.flags.includes(flag);
  const neighbour: Neighbour = {
    ifindex: header.ifindex,
    dev: names.nameOf(header.ifindex),
    family: header.family === 'inet6' ? 'inet6' : 'inet',
    dst: dst ? ipOf(dst) : '',
    ...(lladdr !== undefined && { lladdr }),
    state: header.state,
    ...(has('router') && { router: true }),
    ...(has('proxy') && { proxy: true }),
    ...(has('extern_learn') && { extern_learn: true }),
    ...(has('offload') && { offload: true }),
    ...(cacheinfo && {
      used: seconds(cacheinfo.used),
      confirmed: seconds(cacheinfo.confirmed),
      updated: seconds(cacheinfo.updated),
    }),
    ...(probes !== undefined && { probes }),
    ...(protocol !== undefined && { protocol }),
  };
  return withUnknown(neighbour, unknown);
}

function fdbState(state: NeighbourMessage['header']['state']): FdbEntry['state'] {
  if (state.includes('PERMANENT')) return 'permanent';
  if (state.includes('NOARP')) return 'static';
  return state.includes('STALE') ? 'stale' : '';
}

/** An entry of a forwarding database as callers see it. */
export function toFdbEntry({ header, attributes }: NeighbourMessage, names: LinkNames): FdbEntry {
  const { dst, lladdr, cacheinfo, vlan, port, vni, src_vni, via, master, unknown } = attributes;
  const entry: FdbEntry = {
    ifindex: header.ifindex,
    mac: lladdr ?? '',
    ifname: names.nameOf(header.ifindex),
    ...(dst && { dst: ipOf(dst) }),
    ...(vlan !== undefined && { vlan }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
    ...(src_vni !== undefined && { src_vni }),
    ...(via && { viaIf: names.nameOf(via) }),
    flags: header.flags.filter((flag) => flag !== 'use'),
    ...(master && { master: names.nameOf(master) }),
    state: fdbState(header.state),
    ...(cacheinfo && { used: seconds(cacheinfo.used), updated: seconds(cacheinfo.updated) }),
  };
  return withUnknown(entry, unknown);
}

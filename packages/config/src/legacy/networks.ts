import type { Dialect } from '../dialect.ts';
import type { Network } from '../network.ts';
import type { Conversion } from './conversion.ts';
import { joinedPath } from './namespaces.ts';
import type { LegacyConfig, LegacyNetwork } from './types.ts';

/** Dialects in which a veth interface brought up loopback as well. */
const IMPLICIT_LOOPBACK: readonly Dialect[] = ['2014-02-18', '2014-02-20', '2014-02-21', '2014-02-26', '2014-03'];

/** The interfaces. The original called the end inside the container eth0. */
export function convertNetworks(
  raw: LegacyConfig,
  dialect: Dialect,
  conversion: Conversion,
): readonly Network[] | undefined {
  const written: readonly (readonly [LegacyNetwork, string])[] = [
    ...(raw.network === undefined ? [] : [[raw.network, 'network'] as const]),
    ...(raw.networks ?? []).map((network, index) => [network, `networks[${index}]`] as const),
  ];
  const first = raw.network === undefined ? 0 : 1;
  if (raw.network === undefined && raw.networks === undefined) return undefined;
  for (const [index, [network]] of written.entries())
    if (network.type === 'netns' && joinedPath(network) === undefined)
      conversion.problem(
        raw.network && index === 0 ? conversion.place('network') : conversion.place('networks', index - first),
        'a network of the type netns needs ns_path, the file of the namespace that is joined',
      );
  const networks = written.flatMap(([network, path]) => convertNetwork(network, path, conversion));
  const loopback = networks.some(({ type }) => type === 'loopback');
  if (loopback || networks.length === 0 || !IMPLICIT_LOOPBACK.includes(dialect)) return networks;
  conversion.note(written[0]![1], 'loopback is brought up as well, as it was without being named');
  return [{ type: 'loopback' }, ...networks];
}

function convertNetwork(raw: LegacyNetwork, path: string, conversion: Conversion): readonly Network[] {
  const type = raw.type ?? 'veth';
  if (type === 'netns') return [];
  if (raw.tempVeth !== undefined)
    conversion.note(`${path}.temp_veth`, 'not used: the interface is moved under a made up name');
  const prefix = raw.vethPrefix ?? raw.context?.['prefix'];
  if (prefix !== undefined)
    conversion.note(path, `the prefix ${JSON.stringify(prefix)} is not used: the name of the host's end is made up`);
  const network: Network = {
    type,
    name: type === 'veth' ? 'eth0' : undefined,
    bridge: raw.bridge ?? raw.context?.['bridge'],
    macAddress: raw.macAddress,
    address: raw.address ?? raw.ip,
    gateway: raw.gateway,
    ipv6Address: raw.ipv6Address,
    ipv6Gateway: raw.ipv6Gateway,
    mtu: raw.mtu,
    txQueueLen: raw.txQueueLen,
  };
  return [defined(network)];
}

/** The object without the properties that are undefined. */
export function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

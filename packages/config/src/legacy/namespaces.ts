import { addNamespace, NAMESPACE_TYPES, type Namespace } from '../namespaces.ts';
import type { Conversion } from './conversion.ts';
import type { LegacyConfig, LegacyNetwork } from './types.ts';

/** The namespaces that are switched on, and the one that a network of type netns names. */
export function convertNamespaces(raw: LegacyConfig, conversion: Conversion): readonly Namespace[] | undefined {
  const networks = [raw.network, ...(raw.networks ?? [])];
  const joined = networks.map((network) => network && joinedPath(network)).find(Boolean);
  if (raw.namespaces === undefined && joined === undefined) return undefined;
  const listed = (raw.namespaces ?? []).flatMap(({ key, enabled, path }, index): readonly Namespace[] => {
    const type = NAMESPACE_TYPES.find((known) => known === key);
    if (type !== undefined) return enabled === false ? [] : [path === undefined ? { type } : { type, path }];
    conversion.unknown(conversion.itemPlace('namespaces', index, key), 'namespace', key, NAMESPACE_TYPES);
    return [];
  });
  return joined === undefined ? listed : addNamespace(listed, 'NEWNET', joined);
}

/** The network namespace that a network of type netns names. */
export function joinedPath({ nsPath, context }: LegacyNetwork): string | undefined {
  return nsPath ?? (context?.['nspath'] || undefined);
}

import { items, type JsonNode, member } from './json/node.ts';

/** The generations of container.json, by the date from which the original read them, and what tells each one. */
export const DIALECTS = {
  '2014-02-18': 'command, namespace_pid and rootfs; capabilities are those to drop',
  '2014-02-20': 'hostname, environment and one network with address and bridge; capabilities are those to drop',
  '2014-02-21': 'tty, and one network with type and context; capabilities are those to drop',
  '2014-02-26': 'networks; capabilities are those to drop',
  '2014-03': 'context, mounts and capabilities_mask, with namespaces as names or {key, enabled}',
  '2014-05-05': 'namespaces and capabilities_mask as maps of booleans',
  '2014-05-17': 'namespaces as a map and capabilities as those to keep; routes, device_nodes',
  '2014-07': 'mount_config, root_fs, restrict_sys; capabilities are those to keep',
  '2015': 'rootfs, devices, mounts with device and flags; capabilities are those to keep',
} as const;

/** A generation of container.json, one of {@link DIALECTS}. */
export type Dialect = keyof typeof DIALECTS;

/** Keys that only the youngest generation has at the top. */
const MODERN_KEYS = [
  'parent_death_signal',
  'readonlyfs',
  'privatefs',
  'devices',
  'mask_paths',
  'readonly_paths',
  'system_properties',
  'seccomp',
  'no_new_privileges',
  'oom_score_adj',
  'umask',
  'domainname',
  'process',
];

/** Keys that were at the top before 2015 and are not there any more. */
const OLD_KEYS = [
  'environment',
  'tty',
  'user',
  'working_dir',
  'readonly_fs',
  'context',
  'restrict_sys',
  'device_nodes',
  'required_device_nodes',
  'optional_device_nodes',
];

/**
 * Tells the generation of a container.json from its keys and the shapes of its values; a text without any telling
 * sign is of the youngest one.
 */
export function detectDialect(node: JsonNode): Dialect {
  const has = (...keys: readonly string[]): boolean => keys.some((key) => member(node, key) !== undefined);
  const namespaces = member(node, 'namespaces');
  const first = items(namespaces)[0];
  const names = first?.kind === 'string';
  const switches = member(first, 'key') !== undefined;
  const networks = items(member(node, 'networks'));
  const mounts = items(member(node, 'mounts'));

  if (has('mount_config', 'root_fs')) return '2014-07';
  if (has('command', 'namespace_pid', 'network_namespace_fd')) return '2014-02-18';
  const modernMounts = mounts.some((mount) => (member(mount, 'device') ?? member(mount, 'flags')) !== undefined);
  if (has(...MODERN_KEYS) || modernMounts) return '2015';
  if (has('rootfs')) return names ? '2014-02-18' : '2015';
  const mask = member(node, 'capabilities_mask');
  if (namespaces?.kind === 'object') return mask === undefined ? '2014-05-17' : '2014-05-05';
  if (mask !== undefined) return mask.kind === 'object' ? '2014-05-05' : '2014-03';
  if (switches) return '2014-03';
  const network = member(node, 'network');
  if (member(network, 'type') ?? member(network, 'context')) return '2014-02-21';
  if (network !== undefined || has('cgroup_name', 'cgroup_parent', 'log_file')) return '2014-02-20';
  if (names) return has('context', 'no_pivot_root', 'mounts') ? '2014-03' : '2014-02-26';
  const contexts = networks.some((entry) => member(entry, 'context') !== undefined);
  if (namespaces === undefined && contexts) return has('routes', 'device_nodes') ? '2014-05-17' : '2014-02-26';
  if (has('restrict_sys') || networks.some((entry) => member(entry, 'veth_prefix') !== undefined)) return '2014-07';
  // Without namespaces nothing tells whether capabilities are kept or dropped: keeping only these is the safe reading.
  if (has(...OLD_KEYS)) return first === undefined ? '2014-05-17' : '2014-07';
  return '2015';
}

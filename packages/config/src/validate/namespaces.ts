import type { Config } from '../config.ts';
import { ConfigError } from '../error.ts';
import { hostGid, hostUid } from '../host-ids.ts';
import { containsNamespace, findNamespace, NAMESPACE_TYPES, type NamespaceType, namespacePath } from '../namespaces.ts';
import type { Checker } from './checker.ts';
import type { Host } from './host.ts';
import { checkIdMaps } from './id-maps.ts';

/** Longest host and domain name, in bytes (__NEW_UTS_LEN of linux/utsname.h). */
const UTS_MAX = 64;

/** What needs a namespace has it; the list itself makes sense; this kernel has the kinds. */
export function checkNamespaces(config: Config, host: Host | undefined, checker: Checker): void {
  const has = (type: NamespaceType): boolean => containsNamespace(config.namespaces, type);
  const network = 'unable to apply network settings without a private NET namespace';
  if (config.networks?.length && !has('NEWNET')) checker.add('networks', network);
  if (config.routes?.length && !has('NEWNET')) checker.add('routes', network);
  for (const key of ['hostname', 'domainname'] as const) {
    const name = config[key] ?? '';
    if (name !== '' && !has('NEWUTS')) checker.add(key, `unable to set ${key} without a private UTS namespace`);
    if (Buffer.byteLength(name) > UTS_MAX) checker.add(key, `longer than ${UTS_MAX} bytes`);
  }
  const restrict = 'unable to restrict sys entries without a private MNT namespace';
  if (config.maskPaths?.length && !has('NEWNS')) checker.add('mask_paths', restrict);
  if (config.readonlyPaths?.length && !has('NEWNS')) checker.add('readonly_paths', restrict);
  checkList(config, host, checker);
  checkMappings(config, checker);
}

function checkList({ namespaces }: Config, host: Host | undefined, checker: Checker): void {
  const seen = new Set<string>();
  namespaces?.forEach((namespace, index) => {
    const { type, path } = namespace;
    const place = `namespaces[${index}]`;
    if (!checker.oneOf(`${place}.type`, 'namespace', type, NAMESPACE_TYPES)) return;
    if (seen.has(type)) checker.add(`${place}.type`, `${type} occurs twice`);
    seen.add(type);
    if (path && checker.absolute(`${place}.path`, 'namespace', path) && host !== undefined && !host.exists(path)) {
      checker.add(`${place}.path`, `the namespace ${path} does not exist`);
    }
    const own = namespacePath({ type }, 0).replace('/0/', '/self/');
    if (host !== undefined && !host.exists(own)) {
      checker.add(`${place}.type`, `${type.slice('NEW'.length)} namespaces aren't enabled in the kernel`);
    }
  });
}

function checkMappings(config: Config, checker: Checker): void {
  const user = findNamespace(config.namespaces, 'NEWUSER');
  if (user === undefined || user.path) {
    const own = 'a user namespace of the container itself is needed: its mappings are taken';
    if (config.idmapRootfs) checker.add('idmap_rootfs', own);
    config.mounts?.forEach(({ idmap, uidMappings }, index) => {
      if (idmap !== undefined && uidMappings === undefined) checker.add(`mounts[${index}].idmap`, own);
    });
  }
  const lists = [
    ['uid_mappings', config.uidMappings, hostUid],
    ['gid_mappings', config.gidMappings, hostGid],
  ] as const;
  for (const [path, mappings, hostRoot] of lists) {
    if (mappings !== undefined && user === undefined) {
      checker.add(path, "User namespace mappings specified, but USER namespace isn't enabled in the config");
    }
    if (mappings !== undefined) checkIdMaps(mappings, path, checker);
    // A namespace that is joined has its mappings already.
    if (user === undefined || user.path) continue;
    try {
      hostRoot(config);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      checker.problems.push(...error.problems);
    }
  }
}

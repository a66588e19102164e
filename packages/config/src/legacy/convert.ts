import type { Config, ProcessDefaults } from '../config.ts';
import type { Dialect } from '../dialect.ts';
import { DEFAULT_MASK_PATHS, DEFAULT_READONLY_PATHS } from '../template.ts';
import { convertCapabilities } from './capabilities.ts';
import { convertCgroups } from './cgroups.ts';
import type { Conversion } from './conversion.ts';
import { convertDevices } from './devices.ts';
import { convertMounts } from './mounts.ts';
import { convertNamespaces } from './namespaces.ts';
import { convertNetworks, defined } from './networks.ts';
import type { LegacyConfig } from './types.ts';

/** Turns a file of 2014 into today's configuration. What has no counterpart is said in a note. */
export function convertLegacy(raw: LegacyConfig, dialect: Dialect, conversion: Conversion): Config {
  const { mountConfig, context } = raw;
  const namespaces = convertNamespaces(raw, conversion);
  const restricted = raw.restrictSys === true || Boolean(context?.['restrictions']);
  noteUnused(raw, conversion);
  return defined<Config>({
    rootfs: raw.rootFs ?? raw.rootfs ?? '',
    noPivotRoot: mountConfig?.noPivotRoot ?? raw.noPivotRoot,
    pivotDir: mountConfig?.pivotDir,
    readonlyFs: mountConfig?.readonlyFs ?? raw.readonlyFs,
    mounts: convertMounts(raw, dialect, namespaces, conversion),
    devices: convertDevices(raw, dialect, conversion),
    mountLabel: mountConfig?.mountLabel ?? (context?.['mount_label'] || undefined),
    hostname: raw.hostname,
    namespaces,
    capabilities: convertCapabilities(raw, dialect, conversion),
    networks: convertNetworks(raw, dialect, conversion),
    routes: raw.routes,
    cgroups: convertCgroups(raw, dialect),
    apparmorProfile: raw.apparmorProfile ?? (context?.['apparmor_profile'] || undefined),
    processLabel: raw.processLabel ?? (context?.['process_label'] || undefined),
    rlimits: raw.rlimits,
    additionalGroups: raw.additionalGroups?.map(String),
    uidMappings: raw.uidMappings,
    gidMappings: raw.gidMappings,
    maskPaths: restricted ? DEFAULT_MASK_PATHS : undefined,
    readonlyPaths: restricted ? DEFAULT_READONLY_PATHS : undefined,
    process: convertProcess(raw),
  });
}

function convertProcess(raw: LegacyConfig): ProcessDefaults | undefined {
  const process = defined<ProcessDefaults>({
    args: raw.command?.args,
    env: raw.environment ?? raw.command?.environment,
    user: raw.user,
    cwd: raw.workingDir,
    tty: raw.tty,
  });
  return Object.keys(process).length === 0 ? undefined : process;
}

function noteUnused(raw: LegacyConfig, conversion: Conversion): void {
  const unused: readonly (readonly [unknown, string, string])[] = [
    [raw.id, 'id', 'not used: the id is given when the container is created'],
    [raw.namespacePid, 'namespace_pid', 'not used: the pid is in the state of a container'],
    [raw.networkNamespaceFd, 'network_namespace_fd', 'not used: name the namespace by its path'],
    [raw.logFile, 'log_file', 'not used: logs are an option of the program that starts containers'],
    [raw.mountConfig?.pivotDir, 'mount_config.pivot_dir', 'not used: no directory is needed for the old root'],
  ];
  for (const [value, path, message] of unused) if (value !== undefined) conversion.note(path, message);
}

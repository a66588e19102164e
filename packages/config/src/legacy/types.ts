import type { DeviceRule } from '../device.ts';
import type { IdMap } from '../id-map.ts';
import type { Int64 } from '../integers.ts';
import type { Route } from '../network.ts';
import type { Rlimit } from '../rlimit.ts';
import type { Switch } from './switches.ts';

/** A network interface in any file of 2014. */
export interface LegacyNetwork {
  readonly type?: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly tempVeth?: string;
  readonly ip?: string;
  readonly address?: string;
  readonly gateway?: string;
  readonly bridge?: string;
  readonly mtu?: number;
  readonly vethPrefix?: string;
  readonly nsPath?: string;
  readonly macAddress?: string;
  readonly ipv6Address?: string;
  readonly ipv6Gateway?: string;
  readonly txQueueLen?: number;
}

/** A mount in any file of 2014. */
export interface LegacyMount {
  readonly type?: string;
  readonly source?: string;
  readonly destination?: string;
  readonly writable?: boolean;
  readonly relabel?: 'z' | 'Z';
  readonly private?: boolean;
  readonly slave?: boolean;
}

/** Control groups in any file of 2014. */
export interface LegacyCgroup {
  readonly name?: string;
  readonly parent?: string;
  readonly deviceAccess?: boolean;
  readonly allowAllDevices?: boolean;
  readonly allowedDevices?: readonly DeviceRule[];
  readonly memory?: Int64;
  readonly memoryReservation?: Int64;
  readonly memorySwap?: Int64;
  readonly cpuShares?: Int64;
  readonly cpuQuota?: Int64;
  readonly cpuPeriod?: Int64;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly blkioWeight?: number;
  readonly freezer?: 'FROZEN' | 'THAWED';
  readonly slice?: string;
}

/** `mount_config` of 2014-07. */
export interface LegacyMountConfig {
  readonly noPivotRoot?: boolean;
  readonly pivotDir?: string;
  readonly readonlyFs?: boolean;
  readonly mounts?: readonly LegacyMount[];
  readonly deviceNodes?: readonly DeviceRule[];
  readonly mountLabel?: string;
}

/** Device nodes with their numbers, or for some days of May 2014 by name. */
export type LegacyDeviceNodes =
  | readonly DeviceRule[]
  | { readonly required?: readonly string[]; readonly optional?: readonly string[] };

/** All keys of all files of 2014. Which of them belong together is the dialect. */
export interface LegacyConfig {
  readonly id?: string;
  readonly namespacePid?: number;
  readonly networkNamespaceFd?: number;
  readonly logFile?: string;
  readonly command?: { readonly args?: readonly string[]; readonly environment?: readonly string[] };
  readonly rootfs?: string;
  readonly rootFs?: string;
  readonly hostname?: string;
  readonly user?: string;
  readonly workingDir?: string;
  readonly environment?: readonly string[];
  readonly tty?: boolean;
  readonly namespaces?: readonly Switch[];
  readonly capabilities?: readonly Switch[];
  readonly capabilitiesMask?: readonly Switch[];
  readonly network?: LegacyNetwork;
  readonly networks?: readonly LegacyNetwork[];
  readonly routes?: readonly Route[];
  readonly cgroups?: LegacyCgroup;
  readonly cgroupName?: string;
  readonly cgroupParent?: string;
  readonly deviceAccess?: boolean;
  readonly memory?: Int64;
  readonly memorySwap?: Int64;
  readonly cpuShares?: Int64;
  readonly noPivotRoot?: boolean;
  readonly readonlyFs?: boolean;
  readonly mounts?: readonly LegacyMount[];
  readonly context?: Readonly<Record<string, string>>;
  readonly deviceNodes?: LegacyDeviceNodes;
  readonly requiredDeviceNodes?: readonly string[];
  readonly optionalDeviceNodes?: readonly string[];
  readonly mountConfig?: LegacyMountConfig;
  readonly apparmorProfile?: string;
  readonly processLabel?: string;
  readonly restrictSys?: boolean;
  readonly rlimits?: readonly Rlimit[];
  readonly additionalGroups?: readonly number[];
  readonly uidMappings?: readonly IdMap[];
  readonly gidMappings?: readonly IdMap[];
}

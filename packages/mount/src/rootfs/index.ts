export { MountError, type MountErrorCode } from '../error.ts';
export type { CgroupView } from './cgroup.ts';
export { type CommandOptions, compileCommand } from './command.ts';
export { compileRootfs, compileUmask, type RootfsHandles, type RootfsOptions } from './compile.ts';
export { CONSOLE_MESSAGE_MAGIC, type ConsoleOptions, compileConsole } from './console.ts';
export { compileDevLinks, type DevLinksOptions } from './dev-links.ts';
export { makeDevice } from './device-type.ts';
export { compileDevices, type DevicesOptions, ownsDev } from './devices.ts';
export {
  type DeviceNode,
  type DeviceSource,
  deviceFromPath,
  deviceMajor,
  deviceMinor,
  hostDevices,
} from './discovery.ts';
export { type CgroupHierarchy, cgroupHierarchies } from './hierarchies.ts';
export { compileMaskPaths } from './mask.ts';
export { compileMounts, type MountsHandles, type MountsOptions } from './mounts.ts';
export { compileReopenNull } from './null-device.ts';
export { compilePivot, type PivotOptions, revealingMounts } from './pivot.ts';
export { compilePrepareRoot } from './prepare.ts';
export { compileTrustedProc, writeTrustedProc } from './proc.ts';
export { compileReadonlyPaths, compileReadonlyRoot } from './readonly.ts';
export { compileSysctls, sysctlPath } from './sysctl.ts';
export type { CommandEntry, DeviceEntry, MountEntry, MountTrees, RootfsConfig } from './types.ts';
export { compileMakeDirectory, compileWorkingDirectory } from './working-directory.ts';

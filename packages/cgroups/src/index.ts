/**
 * Linux control groups: v1, v2, hybrid hosts and systemd behind one interface, with statistics, freezer, device rules
 * and events. See cgroups(7).
 *
 * @packageDocumentation
 */

export { type CgroupDriver, createManager, type ManagerOptions } from './create.ts';
export { type DelegateOptions, delegateGroup, parseDelegateFiles } from './delegate.ts';
export { attachDevicePolicy, attachedDevicePrograms } from './devices/attach.ts';
export { type BpfInstruction, encodeBpf } from './devices/instruction.ts';
export {
  access,
  type DeviceException,
  type DeviceKind,
  type DevicePolicy,
  type DeviceRequest,
  deviceKinds,
  devicePolicy,
  deviceRules,
  isAllowed,
} from './devices/policy.ts';
export { deviceProgram } from './devices/program.ts';
export { simulateDeviceProgram } from './devices/simulate.ts';
export { CgroupError, type CgroupErrorCode, type CgroupErrorDetails, isControllerMissing } from './error.ts';
export type { OomEvent, PressureEvent } from './events/event.ts';
export { hugePageSizes } from './hugepages.ts';
export {
  controllerMountPoint,
  detectLayout,
  type Hierarchy,
  hierarchyOf,
  type Layout,
  layoutFrom,
  ownMemberships,
  parseProcCgroups,
} from './layout/layout.ts';
export type { CgroupMount } from './layout/mountinfo.ts';
export { parseCgroupMounts } from './layout/mountinfo.ts';
export type { GroupName } from './layout/path.ts';
export { type CgroupMembership, membershipPath, parseProcCgroup } from './layout/proc-cgroup.ts';
export type { KillOptions, Manager, PidsOptions, Placement, WaitOptions } from './manager.ts';
export type { GroupOptions } from './options.ts';
export { type GroupPlanOptions, type PlannedGroupStep, planGroup } from './plan.ts';
export { describeProcess, type ProcessDescription } from './process/describe.ts';
export {
  type DeviceRule,
  type FreezerState,
  freezerStates,
  type HugepageLimit,
  type Int64,
  type InterfacePriority,
  type OrderedDeviceRule,
  type RdmaLimit,
  type Resources,
} from './resources.ts';
export { statsObject, statsToJson } from './stats/json.ts';
export { parsePressure } from './stats/pressure.ts';
export type {
  BlkioEntry,
  BlkioStats,
  CpuBursts,
  CpuStats,
  CpuThrottling,
  CpuUsage,
  HugetlbStats,
  MemoryStats,
  MemoryUsage,
  MiscStats,
  PidsStats,
  Pressure,
  PressureLine,
  RdmaStats,
  Stats,
} from './stats/stats.ts';
export { annotationProperties } from './systemd/annotations.ts';
export { type Bus, type BusCall, BusError, type BusSignal, BusVariant } from './systemd/bus.ts';
export { type ClientOptions, SystemdClient, type UnitProperty } from './systemd/client.ts';
export type { SystemdOptions } from './systemd/manager.ts';
export { isSystemdRunning } from './systemd/running.ts';
export { sharedClient } from './systemd/shared-client.ts';
export { cpuWeightOf } from './v2/cpu-weight.ts';
export { ioWeightOf } from './v2/io.ts';

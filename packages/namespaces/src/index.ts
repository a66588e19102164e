/**
 * Linux namespaces for Node.js: their kinds, joining them by path, and a launcher that starts a process in new or
 * joined namespaces by a program of system calls that is prepared beforehand.
 *
 * @packageDocumentation
 */

export { formatIdMap, type IdMap, idInside, idOutside, mapRange } from './id-map.ts';
export { joinOrder, type NamespaceKind, type NamespaceKindInfo, namespaceKinds, namespacePath } from './kinds.ts';
export { becomeExecutor } from './launch/become-executor.ts';
export { StepError } from './launch/errors.ts';
export {
  type ExitStatus,
  exitStatus,
  parseStatusFile,
  type StatusRecord,
  shellExitCode,
  signalName,
} from './launch/exit-status.ts';
export { type NamespaceJoin, openNamespace } from './launch/joins.ts';
export { launch, launchAdopting } from './launch/launch.ts';
export { openNull } from './launch/null.ts';
export {
  type ChildContext,
  type DescriptorSource,
  type EnterOptions,
  type LaunchPlan,
  type PlannedDescriptor,
  type PlanOptions,
  planLaunch,
} from './launch/plan.ts';
export type { AdoptingProcess, LaunchedProcess, LaunchOptions } from './launch/process.ts';
export { type UnshareOptions, unshare } from './launch/unshare.ts';
export { nsexecPath, sealedExecutor } from './native.ts';
export { autoMap, type UserMaps } from './user/auto-map.ts';
export { IdMapError, type IdMapErrorCode, type IdMapErrorFacts } from './user/error.ts';
export { findHelper } from './user/helper.ts';
export { mayMapAnything } from './user/privileges.ts';
export {
  findHostUser,
  type HostUser,
  parseSubordinateRanges,
  type SubordinateRange,
  subordinateRanges,
} from './user/subordinate-ids.ts';
export { createUserNamespace } from './user/user-namespace.ts';
export { mayChangeGroups, writeIdMaps } from './user/write-maps.ts';

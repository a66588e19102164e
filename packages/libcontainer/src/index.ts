/**
 * Linux containers for Node.js: create, run, join, signal, look into and destroy them, without a daemon.
 *
 * @packageDocumentation
 */

export type { PlannedGroupStep } from '@nsinit/cgroups';
export * from '@nsinit/config';
export { autoMap, type ExitStatus, mapRange, shellExitCode, type UserMaps } from '@nsinit/namespaces';
export type { Listener, NotifyRequest } from '@nsinit/seccomp';
export type { PrintedInstruction } from '@nsinit/syscall';
export { planCgroup } from './cgroups.ts';
export type {
  CheckpointOptions,
  CheckpointResult,
  ImagesOptions,
  LazyMemory,
  RestoreOptions,
  RestoreResult,
} from './checkpoint/options.ts';
export { Container } from './container.ts';
export type { ContainerStats, DestroyOptions, StartOptions } from './container-options.ts';
export { ContainerError, type ErrorCode, type ErrorFacts, errorCodes, errorCodeText } from './errors.ts';
export { createFactory, Factory, type FactoryOptions } from './factory.ts';
export type { MemoryKill, ProcessExit } from './memory-kill.ts';
export { planNetwork } from './network/network.ts';
export type { PlannedNetworkStep } from './network/step.ts';
export { Console, type WindowSize } from './process/console.ts';
export { Process, type ProcessOptions } from './process/process.ts';
export type { StdioSource } from './process/stdio.ts';
export { type AskedCall, describeFilter, type FilterDescription } from './program/describe-filter.ts';
export { planStart } from './program/start.ts';
export { isRootless, rootlessConfig } from './rootless/rootless.ts';
export { Status, statusName } from './status.ts';
export type { Validator } from './validate.ts';

/**
 * CRIU for Node.js: checkpoint and restore of process trees through the service of `criu`.
 *
 * @packageDocumentation
 */

export {
  Criu,
  type CriuFeatures,
  type CriuSettings,
  type DumpResult,
  type RestoreResult,
} from './criu.ts';
export { CriuError, type CriuErrorDetails, type CriuErrorKind } from './errors.ts';
export { type LazyPages, type LazyPagesOptions, lazyPagesListen } from './lazy-pages.ts';
export { decisiveLines, type LogLine, parseLog } from './log.ts';
export { type RequestType, type RpcMessage, rpcCodec, rpcSchema } from './messages/rpc.ts';
export { type StatsEntry, statsCodec, statsSchema } from './messages/stats.ts';
export type {
  DumpOptions,
  ExternalMount,
  ImageOptions,
  ManageCgroupsMode,
  NetworkLockMethod,
  PageServerAddress,
  PreDumpOptions,
  RestoreOptions,
  TreeOptions,
} from './options.ts';
export type { PageServer, PageServerOptions } from './page-server.ts';
export { type Codec, codecOf } from './protobuf/codec.ts';
export { type EnumTable, type MessageOf, type MessageTable, type Schema, unknownFields } from './protobuf/schema.ts';
export { remedyFor } from './remedies.ts';
export type { CriuNotification, NotificationScript } from './rpc/notification.ts';
export type { CriuOperation } from './rpc/operation.ts';
export { type CriuExit, type CriuProcess, type SpawnCriu, type SpawnSettings, spawnChild } from './rpc/process.ts';
export {
  type DumpStatistics,
  parseDumpStatistics,
  parseRestoreStatistics,
  type RestoreStatistics,
  readDumpStatistics,
  readRestoreStatistics,
} from './statistics.ts';
export { type CriuVersion, compareVersions, formatVersion, minimumVersion, parseVersion } from './version.ts';

import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { NetworkLockMethod } from '@nsinit/criu';
import { asContainerError, ContainerError } from '../errors.ts';
import type { ImagesOptions } from './options.ts';

/** A file system of the host in a checkpointed container. */
export interface ExternalMountRecord {
  /** Where it is mounted in the container, and what the images call it. */
  readonly mountPoint: string;
  /** Its place on the host at the checkpoint; undefined: not seen from there. */
  readonly source?: string | undefined;
  /** The destination in the configuration, when it is one of its bind mounts or lies below one. */
  readonly destination?: string | undefined;
  /** Name among the paths of the container's control group of the directory that it shows; undefined: it shows none. */
  readonly group?: string | undefined;
}

/** What stands beside criu's images, so that a restore in another process finds what leads out of the container. */
export interface ImagesRecord {
  /** What descriptors 0 to 2 of the first process were, as /proc/PID/fd shows it. */
  readonly descriptors: readonly string[];
  /** What the images call those of them that lead out of the container; null for the others. */
  readonly keys: readonly (string | null)[];
  readonly mounts: readonly ExternalMountRecord[];
  /** How packets were held back, and are at the restore; undefined: as criu does by itself. */
  readonly networkLock?: NetworkLockMethod | undefined;
  /** Whether the images tell nothing of the network namespace, whose interfaces the restore makes anew. */
  readonly emptyNetwork?: boolean | undefined;
  /** Whether the images tell nothing of control groups, as the restore makes the one group; undefined: they do. */
  readonly oneGroup?: boolean | undefined;
}

/** The original's file, and the one with what it does not tell. */
const files = { descriptors: 'descriptors.json', external: 'external.json' } as const;

/** The directories of an operation. */
export interface Directories {
  readonly images: string;
  readonly work: string;
}

/** Where images and logs are, as absolute paths. */
export function directoriesOf(options: ImagesOptions, stateDirectory: string): Directories {
  return {
    images: resolve(options.imagesDirectory ?? join(stateDirectory, 'criu.image')),
    work: resolve(options.workDirectory ?? join(stateDirectory, 'criu.work')),
  };
}

/**
 * Makes a directory for this process's user alone, unless it is there.
 *
 * @param reader another user who reads there; undefined: none.
 * @throws {ContainerError} SystemError, naming the directory.
 */
export function makeDirectory(path: string, reader?: number): void {
  try {
    const made = mkdirSync(path, { recursive: true, mode: 0o700 });
    if (made === undefined || reader === undefined) return;
    // To us it is open as to its group.
    chownSync(path, reader, process.getegid!());
    chmodSync(path, 0o750);
  } catch (error) {
    throw asContainerError(error, `cannot make the directory ${path}`, { path });
  }
}

/** @throws {ContainerError} SystemError when there are no images. */
export function checkImages(path: string): void {
  if (statSync(join(path, 'inventory.img'), { throwIfNoEntry: false })) return;
  throw new ContainerError('SystemError', `there is no checkpoint in ${path}`, {
    path,
    errno: 'ENOENT',
    hint: 'name the directory that a checkpoint was written to',
  });
}

/** Writes what a restore needs to know beside the images. */
export function writeRecord(directory: string, { descriptors, ...external }: ImagesRecord): void {
  writeFileSync(join(directory, files.descriptors), JSON.stringify(descriptors), { mode: 0o600 });
  writeFileSync(join(directory, files.external), JSON.stringify(external), { mode: 0o600 });
}

/** Reads it again; what is not there, as in images of others, is undefined. */
export function readRecord(directory: string): Partial<ImagesRecord> {
  const external = readJson<Omit<ImagesRecord, 'descriptors'>>(join(directory, files.external));
  return { descriptors: readJson<readonly string[]>(join(directory, files.descriptors)), ...external };
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw asContainerError(error, `cannot read ${path}`, { path });
  }
}

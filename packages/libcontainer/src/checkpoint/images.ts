import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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
  /** A table of nftables in the images that must not be there after the restore, or that stays outside of them. */
  readonly strayTable?: string | undefined;
  /** Whether the images tell nothing of the network namespace, whose interfaces the restore makes anew. */
  readonly emptyNetwork?: boolean | undefined;
  /** Whether the images tell nothing of control groups, as the restore makes the one group; undefined: they do. */
  readonly oneGroup?: boolean | undefined;
}

/** The original's file, the one with what it does not tell, and the lengths of all. */
const files = { descriptors: 'descriptors.json', external: 'external.json', sizes: 'sizes.json' } as const;

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
    throw asContainerError(causeOf(error, path), `cannot make the directory ${path}`, { path });
  }
}

/** Node says of a directory that cannot be made in one that is there, as on a read-only file system, that it is not there. */
function causeOf(error: unknown, path: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(dirname(path))) return error;
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    return cause;
  }
  return error;
}

/**
 * Looks for images, also those that they continue, before anything is done with them: criu may wait for ever for memory
 * that is not there.
 *
 * @throws {ContainerError} SystemError when there are none, or other ones than were written.
 */
export function checkImages(path: string): void {
  if (!existsSync(join(path, 'inventory.img')))
    throw new ContainerError('SystemError', `there is no checkpoint in ${path}`, {
      step: 'restore',
      path,
      errno: 'ENOENT',
      hint: 'name the directory that a checkpoint was written to',
    });
  for (let at = path; existsSync(at); at = join(at, 'parent')) checkSizes(at);
}

function checkSizes(directory: string): void {
  const sizes = readJson<Readonly<Record<string, number>>>(join(directory, files.sizes));
  for (const [name, size] of Object.entries(sizes ?? {})) {
    const path = join(directory, name);
    const now = statSync(path, { throwIfNoEntry: false })?.size;
    if (now === size) continue;
    const what = now === undefined ? 'is missing' : `has ${now} bytes`;
    throw new ContainerError('SystemError', `the checkpoint is not whole: ${path} ${what}, and had ${size} bytes`, {
      step: 'restore',
      path,
      hint: 'copy the images once more, or make another checkpoint',
    });
  }
}

/** Forgets the lengths of earlier images that are about to be written over. @throws {ContainerError} SystemError */
export function forgetSizes(directory: string): void {
  try {
    rmSync(join(directory, files.sizes), { force: true });
  } catch (error) {
    throw asContainerError(error, `cannot write to ${directory}`, { step: 'checkpoint', path: directory });
  }
}

/** Writes down how long the images are, when they are complete. */
export function writeSizes(directory: string): void {
  const entries = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  const sizes = entries.map(({ name }) => [name, statSync(join(directory, name)).size] as const);
  const path = join(directory, files.sizes);
  try {
    writeFileSync(path, JSON.stringify(Object.fromEntries(sizes)), { mode: 0o600 });
  } catch {
    // The images are there, and the container has ended: they only lack something to compare them with.
    rmSync(path, { force: true });
  }
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
    throw asContainerError(error, `cannot read ${path}`, { step: 'restore', path });
  }
}

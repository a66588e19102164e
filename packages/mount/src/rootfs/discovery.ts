import { type Dirent, lstatSync, readdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { MountError } from '../error.ts';

/** A device node of the host. */
export interface DeviceNode {
  /** `c` (character) or `b` (block). */
  readonly type: 'c' | 'b';
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** Some of `r`, `w` and `m`, as the caller gave them. */
  readonly permissions: string;
  /** Mode with the S_IF* bits. */
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Where {@link deviceFromPath} and {@link hostDevices} look; undefined: node:fs. */
export interface DeviceSource {
  readonly lstat?: (path: string) => Pick<Stats, 'mode' | 'rdev' | 'uid' | 'gid'>;
  readonly readdir?: (path: string) => readonly Pick<Dirent, 'name' | 'isDirectory'>[];
}

const S_IFMT = 0o170000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;

/**
 * The device that a path is. Symbolic links are not followed.
 *
 * @throws {MountError} ERR_NOT_A_DEVICE for another kind of file; the error of lstat(2) is passed on as it is
 */
export function deviceFromPath(path: string, permissions: string, source: DeviceSource = {}): DeviceNode {
  const { mode, rdev, uid, gid } = (source.lstat ?? lstatSync)(path);
  const kind = mode & S_IFMT;
  if (kind !== S_IFCHR && kind !== S_IFBLK) throw new MountError('ERR_NOT_A_DEVICE', `${path} is not a device node`);
  return {
    type: kind === S_IFCHR ? 'c' : 'b',
    path,
    major: deviceMajor(rdev),
    minor: deviceMinor(rdev),
    permissions,
    fileMode: mode,
    uid,
    gid,
  };
}

/** The major number in a device number as stat(2) gives it. */
export function deviceMajor(rdev: number): number {
  return (rdev >>> 8) & 0xfff;
}

/** The minor number in a device number as stat(2) gives it. */
export function deviceMinor(rdev: number): number {
  return (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
}

/** Directories of /dev whose entries are a container's own business. */
const skippedDirectories: ReadonlySet<string> = new Set(['pts', 'shm', 'fd', 'mqueue']);

/**
 * All devices below /dev of the host, with permissions `rwm`, apart from terminals of /dev/pts and the console.
 *
 * @throws the error of readdir(3) or lstat(2) as it is
 */
export function hostDevices(source: DeviceSource = {}): readonly DeviceNode[] {
  const readdir = source.readdir ?? ((path: string) => readdirSync(path, { withFileTypes: true }));
  const found: DeviceNode[] = [];
  const visit = (directory: string): void => {
    for (const entry of readdir(directory)) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!skippedDirectories.has(entry.name)) visit(path);
      } else if (entry.name !== 'console') {
        const device = tryDevice(path, source);
        if (device) found.push(device);
      }
    }
  };
  visit('/dev');
  return found;
}

function tryDevice(path: string, source: DeviceSource): DeviceNode | undefined {
  try {
    return deviceFromPath(path, 'rwm', source);
  } catch (error) {
    if (error instanceof MountError && error.code === 'ERR_NOT_A_DEVICE') return undefined;
    throw error;
  }
}

import { AT_FDCWD, type Buf, type Cell, type FdArg, type ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { containerPath, openEntry, openOrCreateDirectory, pathComponents } from '../paths/index.ts';
import { deviceTypeBits, type ExpectedDevice, makeDevice, verifyDevice } from './device-type.ts';
import { EEXIST, ENODEV } from './errnos.ts';
import { attach } from './prepare.ts';
import type { DeviceEntry, MountEntry } from './types.ts';

/** What {@link compileDevices} works on. */
export interface DevicesOptions {
  readonly root: FdArg;
  /** Whether init runs in a user namespace, where no node can be made: the host's nodes are bound then. */
  readonly userNamespace: boolean;
}

/** Whether `/dev` is the container's own to fill: not when it is a bind mount of somebody else's. */
export function ownsDev(mounts: readonly MountEntry[] = []): boolean {
  return !mounts.some(({ device, destination }) => device === 'bind' && containerPath(destination) === '/dev');
}

/**
 * Makes device nodes with exactly their mode and owner. A node that is there already is left as it is when it is the same
 * device; anything else in its place ends the start with EEXIST.
 *
 * @throws {MountError} for a type that is none, or a path that cannot be a node
 */
export function compileDevices(
  b: ProgramBuilder,
  devices: readonly DeviceEntry[] | undefined,
  { root, userNamespace }: DevicesOptions,
): void {
  const directories = new Map<string, Cell<'fd'>>();
  const seen = b.out('statx');
  for (const [index, device] of (devices ?? []).entries()) {
    const field = `devices[${index}]`;
    const parts = pathComponents(device.path);
    const name = parts.pop();
    if (name === undefined)
      throw new MountError('ERR_MOUNT_CONFIG', `${JSON.stringify(device.path)} cannot be a device`, field);
    const type = deviceTypeBits(device.type, device.path, field);
    const expected = { type, major: device.major, minor: device.minor };
    b.because({ what: `make device ${device.path}`, field }, () => {
      const directory = `/${parts.join('/')}`;
      const parent = directories.get(directory) ?? openOrCreateDirectory(b, root, directory);
      directories.set(directory, parent);
      if (userNamespace) bindDevice(b, parent, name, device, expected, seen);
      else makeNode(b, parent, name, device, expected, seen);
    });
  }
  for (const directory of directories.values()) b.call('close', { fd: directory }, { what: 'devices are made' });
}

function makeNode(
  b: ProgramBuilder,
  parent: FdArg,
  name: string,
  device: DeviceEntry,
  expected: ExpectedDevice,
  seen: Buf,
): void {
  const exists = b.label('exists');
  const done = b.label('done');
  const { uid = 0, gid = 0, fileMode = 0o666 } = device;
  b.call(
    'mknodat',
    {
      dirfd: parent,
      pathname: name,
      mode: expected.type | (fileMode & 0o7777),
      dev: expected.type === 0o010000 ? 0 : makeDevice(device.major, device.minor),
    },
    { on: { EEXIST: exists }, ...(uid === 0 && gid === 0 ? { next: done } : {}) },
  );
  const what = `${device.path} exists and is another file`;
  if (uid !== 0 || gid !== 0) {
    // By descriptor, and only what it has to be: somebody may have put another file in its place.
    const node = openEntry(b, parent, name, { flags: ['O_PATH', 'O_NOFOLLOW'], as: name });
    verifyDevice(b, node, expected, { what, errno: EEXIST }, seen);
    b.call('fchownat', { dirfd: node, pathname: '', owner: uid, group: gid, flags: ['AT_EMPTY_PATH'] });
    b.call('close', { fd: node }, { next: done });
  }
  b.place(exists);
  const node = openEntry(b, parent, name, { flags: ['O_PATH', 'O_NOFOLLOW'], as: name });
  verifyDevice(b, node, expected, { what, errno: EEXIST }, seen);
  b.call('close', { fd: node });
  b.place(done);
}

function bindDevice(
  b: ProgramBuilder,
  parent: FdArg,
  name: string,
  device: DeviceEntry,
  expected: ExpectedDevice,
  seen: Buf,
): void {
  const how = { flags: ['O_PATH', 'O_CLOEXEC'] } as const;
  const path = containerPath(device.path);
  const host = b.call('openat2', { dirfd: AT_FDCWD, pathname: path, how }, { as: `host ${path}` });
  verifyDevice(b, host, expected, { what: `${path} of the host is another device`, errno: ENODEV }, seen);
  bindOnEntry(b, host, parent, name);
  b.call('close', { fd: host });
}

/** Binds an open file onto an entry of a directory, which is made when it is missing. A symbolic link is refused (ELOOP). */
export function bindOnEntry(b: ProgramBuilder, file: Cell<'fd'>, parent: FdArg, name: string): void {
  const target = b.variable<'fd'>(name);
  const exists = b.label('exists');
  const ready = b.label('ready');
  const create = { flags: ['O_RDONLY', 'O_CREAT', 'O_EXCL', 'O_NOFOLLOW'], mode: 0o644, into: target } as const;
  openEntry(b, parent, name, { ...create, on: { EEXIST: exists }, next: ready });
  b.place(exists);
  openEntry(b, parent, name, { into: target });
  b.place(ready);
  const tree = cloneMount(b, file);
  attach(b, tree, target);
  b.call('close', { fd: tree });
  b.call('close', { fd: target });
}

/** A detached copy of the mount at a descriptor, without submounts. */
export function cloneMount(b: ProgramBuilder, file: Cell<'fd'>): Cell<'fd'> {
  const flags = ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH'] as const;
  return b.call('open_tree', { dirfd: file, path: '', flags }, { as: 'bind' });
}

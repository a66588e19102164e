import { describe, expect, it } from 'vitest';
import { MountError } from '../error.ts';
import { makeDevice } from './device-type.ts';
import { deviceFromPath, deviceMajor, deviceMinor, hostDevices } from './discovery.ts';

const entry = (name: string, directory = false) => ({ name, isDirectory: () => directory });
const null_ = { mode: 0o020666, rdev: makeDevice(1, 3), uid: 0, gid: 5 };

describe('deviceFromPath', () => {
  it('passes an error of lstat on as it is', () => {
    const error = new Error('lstat failed');
    const lstat = () => {
      throw error;
    };
    expect(() => deviceFromPath('', '', { lstat })).toThrow(error);
  });

  it('reads type, numbers, mode and owner', () => {
    expect(deviceFromPath('/dev/null', 'rwm', { lstat: () => null_ })).toEqual({
      type: 'c',
      path: '/dev/null',
      major: 1,
      minor: 3,
      permissions: 'rwm',
      fileMode: 0o020666,
      uid: 0,
      gid: 5,
    });
    expect(deviceFromPath('/dev/vda', 'r', { lstat: () => ({ ...null_, mode: 0o060660 }) }).type).toBe('b');
  });

  it('refuses other files', () => {
    const lstat = () => ({ ...null_, mode: 0o100644 });
    expect(() => deviceFromPath('/dev/x', 'rwm', { lstat })).toThrow('/dev/x is not a device node');
    expect(() => deviceFromPath('/dev/x', 'rwm', { lstat })).toThrow(MountError);
  });

  it('finds the null device of this machine', () => {
    expect(deviceFromPath('/dev/null', 'rwm')).toMatchObject({ type: 'c', major: 1, minor: 3 });
  });
});

describe('device numbers', () => {
  it.each([
    [1, 3],
    [254, 0],
    [10, 229],
    [4095, 0xfffff],
    [8, 256],
  ])('%i:%i is the same after encoding', (major, minor) => {
    const device = makeDevice(major, minor);
    expect([deviceMajor(device), deviceMinor(device)]).toEqual([major, minor]);
  });
});

describe('hostDevices', () => {
  it('passes an error of readdir on as it is', () => {
    const error = new Error('readdir failed');
    const readdir = () => {
      throw error;
    };
    expect(() => hostDevices({ readdir })).toThrow(error);
  });

  it('passes an error of a nested readdir on as it is', () => {
    const error = new Error('deep failure');
    let calls = 0;
    const readdir = () => {
      if (++calls > 1) throw error;
      return [entry('dir', true)];
    };
    expect(() => hostDevices({ readdir })).toThrow(error);
    expect(calls).toBe(2);
  });

  it('leaves out the console, files that are no devices, and directories of the container itself', () => {
    const tree: Record<string, ReturnType<typeof entry>[]> = {
      '/dev': [
        entry('null'),
        entry('console'),
        entry('log'),
        entry('net', true),
        entry('pts', true),
        entry('shm', true),
      ],
      '/dev/net': [entry('tun'), entry('mqueue', true)],
    };
    const devices = hostDevices({
      readdir: (path) => tree[path]!,
      lstat: (path) => (path === '/dev/log' ? { ...null_, mode: 0o140666 } : null_),
    });
    expect(devices.map(({ path, permissions }) => [path, permissions])).toEqual([
      ['/dev/null', 'rwm'],
      ['/dev/net/tun', 'rwm'],
    ]);
  });

  it('finds the simple devices of this machine', () => {
    expect(hostDevices().map(({ path }) => path)).toEqual(expect.arrayContaining(['/dev/null', '/dev/zero']));
  });
});

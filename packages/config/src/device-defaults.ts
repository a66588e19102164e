import { type Device, type DeviceRule, WILDCARD } from './device.ts';

const character = (path: string, major: number, minor: number): Device => ({
  type: 'c',
  path,
  major,
  minor,
  permissions: 'rwm',
  fileMode: 0o666,
});

const rule = (type: 'c' | 'b', major: number, minor: number, permissions = 'rwm', path?: string): DeviceRule => ({
  type,
  major,
  minor,
  permissions,
  ...(path === undefined ? {} : { path }),
});

/** Devices that every program expects: null, zero, full, tty, urandom, random. */
export const DEFAULT_SIMPLE_DEVICES: readonly Device[] = [
  character('/dev/null', 1, 3),
  character('/dev/zero', 1, 5),
  character('/dev/full', 1, 7),
  character('/dev/tty', 5, 0),
  character('/dev/urandom', 1, 9),
  character('/dev/random', 1, 8),
];

/**
 * Device rules of an ordinary container: any node may be made, but besides the simple devices only consoles,
 * pseudo-terminals and tun can be opened.
 */
export const DEFAULT_ALLOWED_DEVICES: readonly DeviceRule[] = [
  rule('c', WILDCARD, WILDCARD, 'm'),
  rule('b', WILDCARD, WILDCARD, 'm'),
  rule('c', 5, 1, 'rwm', '/dev/console'),
  rule('c', 4, 0, 'rwm', '/dev/tty0'),
  rule('c', 4, 1, 'rwm', '/dev/tty1'),
  // Slaves of pseudo-terminals, then /dev/ptmx, then tun.
  rule('c', 136, WILDCARD),
  rule('c', 5, 2),
  rule('c', 10, 200),
  ...DEFAULT_SIMPLE_DEVICES,
];

/** Nodes made in an ordinary container. fuse is there for programs that look for it; the rules above do not open it. */
export const DEFAULT_AUTO_CREATED_DEVICES: readonly Device[] = [
  character('/dev/fuse', 10, 229),
  ...DEFAULT_SIMPLE_DEVICES,
];

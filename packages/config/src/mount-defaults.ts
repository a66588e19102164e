import type { Config } from './config.ts';
import type { Mount } from './mount.ts';
import { MOUNT_FLAGS } from './mount-flags.ts';
import { containsNamespace } from './namespaces.ts';

const { MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_STRICTATIME } = MOUNT_FLAGS;
const RESTRICTED = MS_NOSUID | MS_NODEV | MS_NOEXEC;

/** The mounts of an ordinary container, by what they are for. */
export const STANDARD_MOUNTS = {
  proc: { source: 'proc', destination: '/proc', device: 'proc', flags: RESTRICTED },
  dev: {
    source: 'tmpfs',
    destination: '/dev',
    device: 'tmpfs',
    flags: MS_NOSUID | MS_STRICTATIME,
    data: 'mode=755',
  },
  devpts: {
    source: 'devpts',
    destination: '/dev/pts',
    device: 'devpts',
    flags: MS_NOSUID | MS_NOEXEC,
    data: 'newinstance,ptmxmode=0666,mode=0620,gid=5',
  },
  shm: {
    source: 'shm',
    destination: '/dev/shm',
    device: 'tmpfs',
    flags: RESTRICTED,
    data: 'mode=1777,size=65536k',
  },
  mqueue: { source: 'mqueue', destination: '/dev/mqueue', device: 'mqueue', flags: RESTRICTED },
  sysfs: { source: 'sysfs', destination: '/sys', device: 'sysfs', flags: RESTRICTED | MS_RDONLY },
} as const satisfies Record<string, Mount>;

/** {@link STANDARD_MOUNTS} in the order in which they are made. */
export const DEFAULT_MOUNTS: readonly Mount[] = Object.values(STANDARD_MOUNTS);

/** A mount that {@link withDefaultMounts} added. */
export interface AddedMount {
  readonly mount: Mount;
  /** Why, as a line of text for a person. */
  readonly reason: string;
}

const REQUIRED: readonly AddedMount[] = [
  {
    mount: STANDARD_MOUNTS.proc,
    reason: 'the configuration mounts nothing on /proc, and programs need it to see their own process',
  },
  {
    mount: STANDARD_MOUNTS.dev,
    reason: 'the configuration mounts nothing on /dev, and device nodes would be written to the root file system',
  },
  {
    mount: STANDARD_MOUNTS.devpts,
    reason: 'the configuration mounts nothing on /dev/pts, and terminals need an instance of devpts of their own',
  },
];

const trimSlashes = (path: string): string => path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');

/**
 * Repairs a configuration that counts on mounts which older runtimes made by themselves: `/proc`, `/dev` and
 * `/dev/pts` are put before all other mounts where the configuration has none of its own there.
 * Without a mount namespace of its own, or in one that is joined by path, the container's mounts are not its to make:
 * nothing is added. A `/dev/pts` is not added below a `/dev` that is a bind mount, which brings its own.
 */
export function withDefaultMounts(config: Config): { readonly config: Config; readonly added: readonly AddedMount[] } {
  const mounts = config.mounts ?? [];
  const present = new Map(mounts.map((mount) => [trimSlashes(mount.destination), mount]));
  const ownMounts = containsNamespace(config.namespaces, 'NEWNS');
  const joined = config.namespaces?.some(({ type, path }) => type === 'NEWNS' && path) ?? false;
  if (!ownMounts || joined) return { config, added: [] };
  const added = REQUIRED.filter(
    ({ mount }) =>
      !present.has(mount.destination) && !(mount.destination === '/dev/pts' && present.get('/dev')?.device === 'bind'),
  );
  if (added.length === 0) return { config, added };
  // A mount on /dev made after one on /dev/pts would hide it, so an own /dev stays before an added /dev/pts.
  const ownDev = mounts.findIndex((mount) => trimSlashes(mount.destination) === '/dev');
  const [first, rest] = ownDev < 0 ? [[], mounts] : [mounts.slice(0, ownDev + 1), mounts.slice(ownDev + 1)];
  const below = added.filter(({ mount }) => mount.destination === '/dev/pts');
  const above = added.filter(({ mount }) => mount.destination !== '/dev/pts');
  const merged = [...above.map(({ mount }) => mount), ...first, ...below.map(({ mount }) => mount), ...rest];
  return { config: { ...config, mounts: merged }, added };
}

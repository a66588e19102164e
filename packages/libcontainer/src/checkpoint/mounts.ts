import type { Config } from '@nsinit/config';
import type { ExternalMount } from '@nsinit/criu';
import type { MountinfoEntry } from '@nsinit/mount';
import type { ExternalMountRecord } from './images.ts';

/** File systems that are made anew by mounting them, whoever else has mounted them. */
const remade: ReadonlySet<string> = new Set([
  'binfmt_misc',
  'cgroup',
  'cgroup2',
  'debugfs',
  'devpts',
  'fusectl',
  'mqueue',
  'proc',
  'securityfs',
  'sysfs',
  'tracefs',
]);

/**
 * The file systems of the host in a container: those of its bind mounts, with what is mounted below them, and every
 * other one that the host has mounted as well, such as devices that a user namespace may not make. The root is none.
 *
 * @param inside mounts of the container.
 * @param host mounts of this process.
 * @param groups directories of the container's control group, for a container that sees it below those of the host.
 */
export function externalMounts(
  config: Pick<Config, 'mounts'>,
  inside: readonly MountinfoEntry[],
  host: readonly MountinfoEntry[],
  groups: Readonly<Record<string, string>> = {},
): readonly ExternalMountRecord[] {
  const binds = (config.mounts ?? []).filter(({ device }) => device === 'bind').map(({ destination }) => destination);
  return inside.flatMap((mount): readonly ExternalMountRecord[] => {
    const { mountPoint } = mount;
    if (mountPoint === '/') return [];
    const source = placeOnHost(mount, host);
    // A part of a file system is never made by mounting it.
    const group = /^cgroup2?$/.test(mount.fsType) && Object.keys(groups).find((name) => groups[name] === source);
    if (typeof group === 'string') return [{ mountPoint, source, group }];
    const destination = binds
      .filter((bind) => isAtOrBelow(mountPoint, canonical(bind)))
      .sort((a, b) => b.length - a.length)[0];
    const bound = destination !== undefined && (canonical(destination) === mountPoint || source !== undefined);
    if (!bound && (source === undefined || remade.has(mount.fsType))) return [];
    return [{ mountPoint, source, ...(bound ? { destination } : {}) }];
  });
}

/** The path on the host of what is mounted: by the mount that shows the least of the same file system around it. */
function placeOnHost(mount: MountinfoEntry, host: readonly MountinfoEntry[]): string | undefined {
  const [best] = host
    .filter(({ major, minor, root }) => major === mount.major && minor === mount.minor && isAtOrBelow(mount.root, root))
    .sort((a, b) => b.root.length - a.root.length);
  if (!best) return undefined;
  const rest = mount.root.slice(best.root === '/' ? 0 : best.root.length);
  return `${best.mountPoint}${rest}`.replace(/^\/+/, '/').replace(/(.)\/$/, '$1');
}

/** What the images call them. A mount point is its own name there. */
export function dumpedMounts(records: readonly ExternalMountRecord[]): readonly ExternalMount[] {
  return unique(records).map(({ mountPoint }) => ({ key: mountPoint, value: mountPoint }));
}

/**
 * Where on the host they are at the restore: bind mounts where the configuration has them now, others where they were.
 * Directories of control groups are those of the restored container. Images without a record are those of somebody else, whose bind mounts are those of the configuration.
 */
export function restoredMounts(
  config: Pick<Config, 'mounts'>,
  records: readonly ExternalMountRecord[] | undefined,
  groups: Readonly<Record<string, string>> = {},
): readonly ExternalMount[] {
  const binds = new Map(
    (config.mounts ?? [])
      .filter(({ device }) => device === 'bind')
      .map(({ destination, source }) => [canonical(destination), source]),
  );
  if (!records) return [...binds].map(([key, value]) => ({ key, value }));
  return unique(records).flatMap(({ mountPoint, source, destination, group }) => {
    const top = destination === undefined ? undefined : canonical(destination);
    const bound = top === undefined ? undefined : binds.get(top);
    const other = group === undefined ? source : groups[group];
    const value = bound === undefined ? other : `${bound}${mountPoint.slice(top!.length)}`;
    return value === undefined ? [] : [{ key: mountPoint, value }];
  });
}

/** Two mounts on one place have one name. */
function unique(records: readonly ExternalMountRecord[]): readonly ExternalMountRecord[] {
  return [...new Map(records.map((record) => [record.mountPoint, record])).values()];
}

function canonical(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`;
}

function isAtOrBelow(path: string, top: string): boolean {
  return path === top || top === '/' || path.startsWith(`${top}/`);
}

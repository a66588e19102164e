import type { Dialect } from '../dialect.ts';
import type { Mount } from '../mount.ts';
import { STANDARD_MOUNTS } from '../mount-defaults.ts';
import { MOUNT_FLAGS } from '../mount-flags.ts';
import { containsNamespace, type Namespace } from '../namespaces.ts';
import type { Conversion } from './conversion.ts';
import type { LegacyConfig, LegacyMount } from './types.ts';

const { MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REC, MS_SLAVE, MS_STRICTATIME } =
  MOUNT_FLAGS;

const RUN: Mount = {
  source: 'tmpfs',
  destination: '/run',
  device: 'tmpfs',
  flags: MS_NOSUID | MS_NODEV | MS_STRICTATIME,
  data: 'mode=755',
};

/** Mount types of 2014 that a file may name. */
const MOUNT_TYPES = ['bind', 'tmpfs', 'devtmpfs'] as const;

/** The mounts which the runtimes of 2014 made by themselves, then those of the file. */
export function convertMounts(
  raw: LegacyConfig,
  dialect: Dialect,
  namespaces: readonly Namespace[] | undefined,
  conversion: Conversion,
): readonly Mount[] | undefined {
  const nested = raw.mountConfig?.mounts;
  const own = [
    ...(raw.mounts ?? []).flatMap((mount, index) => convertMount(mount, ['mounts', index], conversion)),
    ...(nested ?? []).flatMap((mount, index) => convertMount(mount, ['mount_config', 'mounts', index], conversion)),
  ];
  if (!containsNamespace(namespaces, 'NEWNS')) return raw.mounts || nested ? own : undefined;
  const implicit = implicitMounts(raw, dialect);
  const paths = implicit.map(({ destination }) => destination).join(', ');
  conversion.note('mounts', `the mounts that dialect ${dialect} implies come first: ${paths}`);
  return [...implicit, ...own];
}

function implicitMounts(raw: LegacyConfig, dialect: Dialect): readonly Mount[] {
  const { proc, dev, devpts, shm, mqueue, sysfs } = STANDARD_MOUNTS;
  const restricted = raw.restrictSys === true || Boolean(raw.context?.['restrictions']);
  const sys = restricted ? sysfs : { ...sysfs, flags: sysfs.flags & ~MS_RDONLY };
  const rest = dialect === '2014-07' ? [mqueue] : [];
  return [proc, dev, devpts, shm, ...rest, sys, ...(dialect.startsWith('2014-02') ? [RUN] : [])];
}

function convertMount(
  mount: LegacyMount,
  steps: readonly (string | number)[],
  conversion: Conversion,
): readonly Mount[] {
  const type = mount.type ?? 'bind';
  const place = conversion.place(...steps);
  // devtmpfs asked for the tmpfs on /dev that is implied here.
  if (type === 'devtmpfs') return [];
  if (type !== 'bind' && type !== 'tmpfs') {
    conversion.unknown(conversion.place(...steps, 'type'), 'mount type', type, MOUNT_TYPES);
    return [];
  }
  if (mount.destination === undefined) {
    conversion.problem(place, 'a destination is required');
    return [];
  }
  if (type === 'tmpfs') {
    return [{ source: 'tmpfs', destination: mount.destination, device: type, flags: MS_NOEXEC | MS_NOSUID | MS_NODEV }];
  }
  const flags =
    MS_BIND |
    MS_REC |
    (mount.writable === true ? 0 : MS_RDONLY) |
    (mount.private === true ? MS_PRIVATE : 0) |
    (mount.slave === true ? MS_SLAVE : 0);
  const bind = { source: mount.source ?? '', destination: mount.destination, device: type, flags };
  return [mount.relabel === undefined ? bind : { ...bind, relabel: mount.relabel }];
}

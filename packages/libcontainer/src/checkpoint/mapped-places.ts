import type { Config, Mount } from '@nsinit/config';
import type { MountTrees } from '@nsinit/mount';
import { AT_FDCWD, type FdNumber, type ProgramBuilder } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/** Whether a bind mount shows other owners than its source. */
const isMapped = ({ device, idmap, uidMappings }: Mount): boolean =>
  device === 'bind' && (idmap !== undefined || uidMappings !== undefined);

/**
 * criu knows no id-mapped mounts, and restores them as bind mounts of their sources. So at each source it finds the
 * id-mapped mount instead, in a mount namespace of its own. That works when nothing else is to come from there.
 *
 * @throws {ContainerError} ConfigInvalid, naming the mount whose source something else is taken from as well.
 */
export function checkMapped({ rootfs, idmapRootfs, mounts = [] }: Config, step: 'checkpoint' | 'restore'): void {
  const binds = mounts.flatMap((mount, index) =>
    mount.device === 'bind' ? [{ field: `mounts[${index}]`, source: mount.source, mapped: isMapped(mount) }] : [],
  );
  const places = [...binds, { field: 'rootfs', source: rootfs, mapped: idmapRootfs ?? false }];
  for (const [at, { field, source, mapped }] of places.entries()) {
    const other = mapped ? places.find((one, index) => index !== at && overlap(one.source, source)) : undefined;
    if (other)
      throw new ContainerError(
        'ConfigInvalid',
        `${field}: the id-mapped mount of ${source} cannot be restored, as ${other.field} is taken from there too`,
        { step, field, hint: `give them sources of which none lies in the other: ${source}, ${other.source}` },
      );
  }
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => `${path.replace(/\/+$/, '')}/`) as [string, string];
  return a.startsWith(b) || b.startsWith(a);
}

/**
 * Images are opened where criu sees them, and below an id-mapped mount even root may not be let in.
 *
 * @throws {ContainerError} ConfigInvalid for a directory below the source of one.
 */
export function checkOutside({ rootfs, idmapRootfs, mounts = [] }: Config, directories: readonly string[]): void {
  const sources = mounts.flatMap((mount, index) =>
    isMapped(mount) ? [{ field: `mounts[${index}]`, source: mount.source }] : [],
  );
  for (const { field, source } of idmapRootfs ? [{ field: 'rootfs', source: rootfs }, ...sources] : sources) {
    const inside = directories.find((path) => `${path}/`.startsWith(`${source.replace(/\/+$/, '')}/`));
    if (inside !== undefined)
      throw new ContainerError('ConfigInvalid', `${inside} is in ${source}, which ${field} mounts id-mapped`, {
        step: 'restore',
        field,
        path: inside,
        hint: 'move the images elsewhere, and name a workDirectory (--work-path) elsewhere',
      });
  }
}

/** Puts id-mapped mounts where criu looks for what they show. */
export function compileMappedPlaces(b: ProgramBuilder, rootfs: string, trees: MountTrees | undefined): void {
  const put = (tree: FdNumber, source: string) =>
    b.call('move_mount', {
      from_dirfd: tree,
      from_path: '',
      to_dirfd: AT_FDCWD,
      to_path: source,
      flags: ['MOVE_MOUNT_F_EMPTY_PATH'],
    });
  if (trees?.rootfs) put(trees.rootfs, rootfs);
  else
    b.call('mount', {
      source: rootfs,
      target: rootfs,
      filesystemtype: null,
      mountflags: ['MS_BIND', 'MS_REC'],
      data: null,
    });
  for (const [{ source }, tree] of trees?.mounts ?? []) put(tree, source);
}

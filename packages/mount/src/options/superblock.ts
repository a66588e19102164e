import { MountFlag } from './flags.ts';

const F = MountFlag;

// Parameter names that fsconfig(2) FSCONFIG_SET_FLAG takes for every file system: to turn a flag on, and, where there is
// one, to turn it off. The kernel has no such name for MS_SILENT, MS_POSIXACL and MS_I_VERSION: it answers EINVAL
// unless the file system itself knows the name.
const SUPERBLOCK_PARAMETERS: ReadonlyMap<number, { readonly on: string; readonly off?: string }> = new Map([
  [F.MS_RDONLY, { on: 'ro', off: 'rw' }],
  [F.MS_SYNCHRONOUS, { on: 'sync', off: 'async' }],
  [F.MS_DIRSYNC, { on: 'dirsync' }],
  [F.MS_LAZYTIME, { on: 'lazytime', off: 'nolazytime' }],
  [F.MS_MANDLOCK, { on: 'mand', off: 'nomand' }],
]);

/**
 * Names the superblock flags for fsconfig(2) FSCONFIG_SET_FLAG, such as `['ro', 'sync']`, and `['rw']` for a cleared one.
 * Flags of single mounts are passed over, apart from MS_RDONLY; so are MS_DIRSYNC among `cleared`, which no
 * parameter turns off, and MS_SILENT, MS_POSIXACL and MS_I_VERSION, for which the kernel has no parameter: fsconfig(2)
 * answers EINVAL unless the file system itself knows such a name.
 *
 * @param flags MS_* flags to turn on
 * @param cleared MS_* flags to turn off
 */
export function toSuperblockFlags(flags: number, cleared = 0): readonly string[] {
  const names: string[] = [];
  for (const [flag, parameter] of SUPERBLOCK_PARAMETERS) {
    if (flags & flag) names.push(parameter.on);
    else if (cleared & flag && parameter.off !== undefined) names.push(parameter.off);
  }
  return names;
}
